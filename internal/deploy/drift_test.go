package deploy_test

import (
	"errors"
	"testing"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/drift"
	"distributed-moodle/internal/deploy/outcome"
)

func TestDriftShowsTheReportAndEndsByIt(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		t := m.t
		session, err := deploy.Open(t.Context(), m.run("v1").out, "dev", m.account.LoadOptions()...)
		if err != nil {
			t.Fatal(err)
		}
		var shown []*drift.Report
		steps := 0
		d := &deploy.Drift{
			Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, Step: func(string) { steps++ },
			Show: func(r *drift.Report) error { shown = append(shown, r); return nil },
		}
		if err := d.Run(t.Context()); err != nil {
			t.Error(err)
		}
		m.account.Drifts("memory", "App/Version", "Value", "by hand")
		wantCode(t, d.Run(t.Context()), outcome.ChangesWaiting, "1 of 4 resources differ from their template")
		if steps != 2 || len(shown) != 2 || len(shown[0].Drifted) != 0 || len(shown[1].Drifted) != 1 {
			t.Errorf("%d steps, shown %+v", steps, shown)
		}
		d.Show = func(*drift.Report) error { return errors.New("the disk is full") }
		wantCode(t, d.Run(t.Context()), outcome.Failed, "the disk is full")
	})
}

func TestDriftOfNothing(t *testing.T) {
	inMemory(t, "", func(m *memory) {
		t := m.t
		session, err := deploy.Open(t.Context(), m.run("v1").out, "dev", m.account.LoadOptions()...)
		if err != nil {
			t.Fatal(err)
		}
		d := &deploy.Drift{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}
		wantCode(t, d.Run(t.Context()), outcome.Failed, "memory is not deployed in", "create it with: deploy up dev")
	})
}
