package deploy_test

import (
	"strings"
	"testing"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy/outcome"
)

// passing are faults that pass: none of them is a failure of the deployment, at whatever call it comes.
var passing = map[string]cfntest.Fault{
	"throttled":      {Effect: cfntest.Throttled, Times: 4},
	"server's fault": {Effect: cfntest.InternalFailure, Times: 2},
	"unavailable":    {Effect: cfntest.Unavailable, Times: 2},
	"reset before":   {Effect: cfntest.ResetBefore, Times: 2},
	"reset after":    {Effect: cfntest.ResetAfter, Times: 2},
	"cut off":        {Effect: cfntest.CutOff, Times: 1},
}

func TestWhatPassesIsNoFailureAtAnyCall(t *testing.T) {
	for _, standing := range []string{"", "v1"} {
		for _, c := range callsOf(t, standing) {
			for name, fault := range passing {
				t.Run(strings.TrimSpace(standing+" "+c.String()+" "+name), func(t *testing.T) {
					inMemory(t, standing, func(m *memory) {
						fault.Action, fault.Skip = c.action, c.before
						m.account.Inject(fault)
						r := m.run("v2")
						if err := r.up(); err != nil {
							t.Fatalf("%v (%s)\n%s", err, outcome.AdviceOf(err), &r.stderr)
						}
						if m.version() != "v2" {
							t.Errorf("%q stands", m.version())
						}
						m.once()
					})
				})
			}
		}
	}
}

// once holds that nothing was done twice: one change set was executed, and no other was made.
func (m *memory) once() {
	m.t.Helper()
	began := 0
	for _, e := range m.account.Events("memory") {
		if e.PhysicalResourceId != nil && *e.PhysicalResourceId == *e.StackId && (e.ResourceStatus == "CREATE_IN_PROGRESS" || e.ResourceStatus == "UPDATE_IN_PROGRESS") {
			began++
		}
	}
	if want := len(m.dirs); began != want {
		m.t.Errorf("%d operations, want %d", began, want)
	}
	if left := m.waiting(); left != nil {
		m.t.Errorf("plans are left: %v", left)
	}
}

// Credentials run out in the middle: said as what it is, with what to do, and the next run comes to the same end.
func TestExpiredCredentialsAtAnyCall(t *testing.T) {
	for _, standing := range []string{"", "v1"} {
		for _, c := range callsOf(t, standing) {
			t.Run(strings.TrimSpace(standing+" "+c.String()), func(t *testing.T) {
				inMemory(t, standing, func(m *memory) {
					m.account.Before(c.action, c.before, func() { m.account.Inject(cfntest.Fault{Effect: cfntest.Expired}) })
					r := m.run("v2")
					err := r.up()
					wantCode(t, err, outcome.Failed, "sign in again (aws sso login)")
					m.account.Heal()
					m.settle()
					if again := m.run("v2"); again.up() != nil || m.version() != "v2" {
						t.Errorf("%q stands:\n%s", m.version(), &again.stderr)
					}
					if left := m.waiting(); left != nil {
						t.Errorf("plans are left: %v", left)
					}
				})
			})
		}
	}
}
