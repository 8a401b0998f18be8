package deploy_test

import (
	"testing"
	"time"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
)

// manners are ways in which CloudFormation may answer, each of them right.
var manners = map[string][]cfntest.Option{
	"plainly":                 nil,
	"a page for each entry":   {cfntest.PageSize(1)},
	"stale after executing":   {cfntest.StaleAfterExecute(8 * time.Second)},
	"seconds in any order":    {cfntest.EventsOfASecondMixed()},
	"slow change sets":        {cfntest.ChangeSetsTake(5 * time.Minute)},
	"adds as replacements":    {cfntest.AddsSayReplacement()},
	"slowly, stale and mixed": {cfntest.Latency(3 * time.Second), cfntest.StaleAfterExecute(20 * time.Second), cfntest.EventsOfASecondMixed(), cfntest.PageSize(2)},
}

// eachManner runs a test in each of them, with late events besides.
func eachManner(t *testing.T, standing string, do func(m *memory)) {
	for name, options := range manners {
		t.Run(name, func(t *testing.T) { inMemory(t, standing, do, options...) })
	}
	t.Run("events late", func(t *testing.T) {
		inMemory(t, standing, func(m *memory) {
			m.account.EventsLate("App/Version", 3*time.Second)
			m.account.EventsLate("Network", 2*time.Second)
			do(m)
		})
	})
}

func TestUpEndsWellHoweverItIsAnswered(t *testing.T) {
	for _, standing := range []string{"", "v1"} {
		eachManner(t, standing, func(m *memory) {
			r := m.run("v2")
			if err := r.up(); err != nil {
				m.t.Fatalf("%v\n%s", err, &r.stderr)
			}
			if m.version() != "v2" {
				m.t.Errorf("%q stands", m.version())
			}
			wantWords(m.t, r.stderr.String(), "memory is deployed")
			m.once()
			if s := m.status("v2"); s.Last == nil || s.Last.Running() || s.Last.Failed != "" || len(s.Stacks) != 4 {
				m.t.Errorf("status: %+v", s)
			}
		})
	}
}

// A failure that only a nested stack knows of is named, whatever order it comes to light in, now and afterwards.
func TestAFailureIsNamedHoweverItIsAnswered(t *testing.T) {
	for standing, end := range map[string]string{"": "the creation of memory failed and was rolled back", "v1": "memory is as it was before"} {
		eachManner(t, standing, func(m *memory) {
			phase := cfntest.Creating
			if standing != "" {
				phase = cfntest.Updating
			}
			m.account.Fails("App/Version", phase, "the value is not allowed")
			r := m.run("v2")
			wantCode(m.t, r.up(), outcome.RolledBack, end, "the value is not allowed")
			wantWords(m.t, r.stderr.String(), "the first cause:", "stack     App", "resource  Version", "the value is not allowed")
			if cause := m.diagnosis("v2").Cause; cause.LogicalID != "Version" || cause.Reason != "the value is not allowed" {
				m.t.Errorf("diagnose names %+v", cause)
			}
		})
	}
}

// status is what deploy status sees.
func (m *memory) status(version string) *deploy.SiteStatus {
	m.t.Helper()
	session, err := deploy.Open(m.t.Context(), m.run(version).out, "dev", m.account.LoadOptions()...)
	if err != nil {
		m.t.Fatal(err)
	}
	s, err := (&deploy.Status{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}).Run(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}

// diagnosis is what deploy diagnose shows.
func (m *memory) diagnosis(version string) operation.Failure {
	m.t.Helper()
	session, err := deploy.Open(m.t.Context(), m.run(version).out, "dev", m.account.LoadOptions()...)
	if err != nil {
		m.t.Fatal(err)
	}
	shown := &shownFailure{}
	if err := (&deploy.Diagnose{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: shown}).Run(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	return shown.failure
}

// shownFailure keeps what diagnose shows.
type shownFailure struct {
	failure operation.Failure
	said    string
}

func (s *shownFailure) Failed(f operation.Failure) { s.failure = f }
func (s *shownFailure) Done(text string)           { s.said = text }
