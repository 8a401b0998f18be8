package drift_test

import (
	"crypto/rand"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/drift"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/localawstest"
)

// deployed has a small site deployed in memory.
func deployed(t *testing.T, test func(*testing.T, *cfntest.Account, func() *drift.Report)) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t, cfntest.PageSize(1))
		out := localawstest.Small("site").Write(t, t.TempDir())
		session, err := deploy.Open(t.Context(), out, "dev", a.LoadOptions()...)
		if err != nil {
			t.Fatal(err)
		}
		view := &terminal.Progress{Terminal: &terminal.Terminal{Out: io.Discard, Err: io.Discard}}
		err = (&deploy.Up{
			Planner: deploy.Planner{Target: session.Target(view, rand.Text()), Revision: func() string { return "" }},
			Consent: deploy.Consent{Yes: true},
		}).Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		test(t, a, func() *drift.Report {
			t.Helper()
			r, err := drift.Look(t.Context(), session.Stacks, "site", a.Stack("site").ID)
			if err != nil {
				t.Fatal(err)
			}
			return r
		})
	})
}

func TestNothingHasDrifted(t *testing.T) {
	deployed(t, func(t *testing.T, _ *cfntest.Account, look func() *drift.Report) {
		r := look()
		if len(r.Drifted)+len(r.Unseen) > 0 || r.Clean() != "no drift in 4 of 4 resources" {
			t.Errorf("%s: %+v", r.Clean(), r)
		}
	})
}

func TestWhatCloudFormationCannotSeeIsNotWell(t *testing.T) {
	deployed(t, func(t *testing.T, a *cfntest.Account, look func() *drift.Report) {
		a.CannotSee("site", "App/Version", "not modelled here")
		r := look()
		if len(r.Drifted) > 0 || r.Clean() != "no drift in 3 of 4 resources" {
			t.Errorf("%s: %+v", r.Clean(), r)
		}
		want := []drift.Unseen{{Name: "App/Version", Type: "AWS::SSM::Parameter", Reason: "not modelled here"}}
		if d := cmp.Diff(want, r.Unseen); d != "" {
			t.Error(d)
		}
	})
}

func TestDriftOfNestedStacksIsFoundPropertyByProperty(t *testing.T) {
	deployed(t, func(t *testing.T, a *cfntest.Account, look func() *drift.Report) {
		a.Drifts("site", "App/Version", "Value", "by hand")
		a.Drifts("site", "App/Version", "AdminPassword", "geheim")
		a.Vanishes("site", "Data/Database")
		r := look()
		if r.Clean() != "no drift in 2 of 4 resources" {
			t.Error(r.Clean())
		}
		for i := range r.Drifted {
			r.Drifted[i].PhysicalID = ""
		}
		want := []drift.Resource{
			{Name: "App/Version", Type: "AWS::SSM::Parameter", Status: "MODIFIED", Properties: []drift.Property{
				{Path: "AdminPassword", Kind: "ADD", Expected: "(hidden)", Actual: "(hidden)"},
				{Path: "Value", Kind: "NOT_EQUAL", Expected: "v1", Actual: "by hand"},
			}},
			{Name: "Data/Database", Type: "AWS::SSM::Parameter", Status: "DELETED"},
		}
		if d := cmp.Diff(want, r.Drifted); d != "" {
			t.Error(d)
		}
	})
}

// Whoever may not look, or is throttled for too long, must not believe that all is well.
func TestWhatCouldNotBeSeenIsSaid(t *testing.T) {
	deployed(t, func(t *testing.T, a *cfntest.Account, look func() *drift.Report) {
		a.Drifts("site", "Network/Vpc", "Value", "by hand")
		a.Inject(cfntest.Fault{Action: "DetectStackDrift", Effect: cfntest.Denied("cloudformation:DetectStackDrift")})
		r := look()
		if r.Clean() != "no drift in 0 of 4 resources" || len(r.Unseen) != 4 || !strings.Contains(r.Unseen[0].Reason, "AccessDenied") {
			t.Errorf("%s: %+v", r.Clean(), r)
		}
	})

}

func TestAThrottleIsNoFailure(t *testing.T) {
	deployed(t, func(t *testing.T, a *cfntest.Account, look func() *drift.Report) {
		a.Inject(cfntest.Fault{Action: "DescribeStackDriftDetectionStatus", Times: 5, Effect: cfntest.Throttled})
		a.Inject(cfntest.Fault{Action: "DetectStackDrift", Times: 4, Effect: cfntest.Throttled})
		if r := look(); r.Seen != 4 {
			t.Errorf("%+v", r)
		}
	})
}
