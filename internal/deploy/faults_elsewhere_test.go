package deploy_test

import (
	"context"
	"testing"
	"time"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
)

// faulty runs something once to see its calls, then with each fault that passes at each of them: it must go as well.
func faulty(t *testing.T, standing string, prepare func(m *memory), do func(m *memory) error, ends func(m *memory)) {
	t.Helper()
	var calls []call
	inMemory(t, standing, func(m *memory) {
		prepare(m)
		before := len(m.account.Calls())
		if err := do(m); err != nil {
			m.t.Fatalf("without a fault: %v", err)
		}
		calls = callsIn(m.account.Calls()[before:])
	})
	for _, c := range tried(calls) {
		for name, fault := range passing {
			t.Run(c.String()+" "+name, func(t *testing.T) {
				inMemory(t, standing, func(m *memory) {
					prepare(m)
					fault.Action, fault.Skip = c.action, c.before
					m.account.Inject(fault)
					if err := do(m); err != nil {
						m.t.Fatalf("%v (%s)", err, outcome.AdviceOf(err))
					}
					ends(m)
				})
			})
		}
	}
}

func TestWhatPassesIsNoFailureOfADeletion(t *testing.T) {
	faulty(t, "v1", func(*memory) {}, func(m *memory) error { return m.run("v1").destroy() }, func(m *memory) {
		if got := m.account.Stack("memory").Status; got != "DELETE_COMPLETE" {
			m.t.Errorf("the stack is %s", got)
		}
	})
}

// watch runs the command.
func (m *memory) watch(version string) (*run, error) {
	m.t.Helper()
	r := m.run(version)
	session, err := deploy.Open(m.t.Context(), r.out, "dev", r.options...)
	if err != nil {
		m.t.Fatal(err)
	}
	return r, (&deploy.Watch{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: r.view()}).Run(m.t.Context())
}

// left deploys a version and is interrupted when it runs.
func (m *memory) left(version string) {
	m.t.Helper()
	m.account.Takes("App/Version", 2*time.Minute)
	ctx, interrupt := context.WithCancel(m.t.Context())
	defer interrupt()
	r := m.run(version)
	r.ctx = ctx
	r.onStep = func(text string) {
		if text == "checking the plan" {
			time.AfterFunc(30*time.Second, interrupt)
		}
	}
	wantCode(m.t, r.up(), outcome.Interrupted, "the operation continues in AWS", "deploy watch dev")
}

func TestWhatPassesIsNoFailureOfAWatch(t *testing.T) {
	faulty(t, "v1", func(m *memory) { m.left("v2") }, func(m *memory) error {
		_, err := m.watch("v2")
		return err
	}, func(m *memory) {
		if m.version() != "v2" {
			m.t.Errorf("%q stands", m.version())
		}
	})
}

func TestAWatchWhoseCredentialsRunOutSaysSo(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		m.left("v2")
		m.account.Before("DescribeStackEvents", 3, func() { m.account.Inject(cfntest.Fault{Effect: cfntest.Expired}) })
		_, err := m.watch("v2")
		wantCode(m.t, err, outcome.Failed, "the operation continues, but its events could not be read", "sign in again (aws sso login)", "deploy watch dev")
		m.account.Heal()
		r, err := m.watch("v2")
		if err != nil {
			m.t.Fatal(err)
		}
		wantWords(m.t, r.stderr.String(), "memory is deployed")
	})
}

func TestWhatPassesIsNoFailureOfALook(t *testing.T) {
	failed := func(m *memory) {
		m.account.Fails("App/Version", cfntest.Updating, "not that value")
		wantCode(m.t, m.run("v2").up(), outcome.RolledBack)
	}
	faulty(t, "v1", failed, func(m *memory) error { m.status("v2"); return nil }, func(*memory) {})
	faulty(t, "v1", failed, func(m *memory) error {
		wantWords(m.t, m.diagnose(m.run("v2").out, nil), "not that value")
		return nil
	}, func(*memory) {})
}
