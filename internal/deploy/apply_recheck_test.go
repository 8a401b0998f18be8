package deploy_test

import (
	"context"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/preflight"
	"distributed-moodle/internal/localawstest"
)

// savedChange deploys a site and saves the plan of a change.
func savedChange(t *testing.T, name string) (dir string, saved *plan.Plan) {
	t.Helper()
	localawstest.New(t).Use(t)
	site, dir := localawstest.Small(name), t.TempDir()
	up(t, site.Write(t, dir))
	site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
	_, saved, err := (&run{t: t, out: site.Write(t, dir)}).plan(true)
	wantCode(t, err, outcome.ChangesWaiting)
	return dir, saved
}

// Whoever saved a plan did not see what somebody else planned since; who applies it does.
func TestASavedPlanIsHeldAgainstWhatSomebodyElsePlansMeanwhile(t *testing.T) {
	dir, saved := savedChange(t, "meanwhile")
	_, _, err := stacks(t, dir).CreateChangeSet(t.Context(), cfn.ChangeSetRequest{
		Stack: "meanwhile", Name: "theirs", Description: "by hand", Body: localawstest.Parameter("Theirs", "x"), Token: "theirs",
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &run{t: t}
	wantCode(t, r.apply(saved), outcome.Refused, "1 finding is not accepted", "--accept pending-change-set/theirs=")
	wantWords(t, r.stderr.String(), "! pending-change-set", "change set theirs waits on stack meanwhile")
	r = &run{t: t, accepted: accepted(t, `pending-change-set/theirs="they know"`)}
	if err := r.apply(saved); err != nil {
		t.Fatal(err)
	}
}

// What had to be accepted when the plan was made and has gone since needs nobody's reason any longer.
func TestAReasonForWhatHasGoneIsNotHeldAgainstASavedPlan(t *testing.T) {
	_, saved := savedChange(t, "gone")
	saved.Findings = []gate.Finding{{Code: gate.PendingChangeSet, Subject: "theirs", What: "it waited"}}
	saved.Accepted = accepted(t, `pending-change-set/theirs="they know"`)
	if err := (&run{t: t}).apply(saved); err != nil {
		t.Fatal(err)
	}
}

func TestASavedPlanIsHeldAgainstDriftAndQuotasOfNow(t *testing.T) {
	dir, saved := savedChange(t, "drifted")
	saved.Findings = []gate.Finding{{Code: gate.Quota, Subject: "Network/Vpc", What: "it was full"}}
	session, err := deploy.Open(t.Context(), dir, "dev")
	if err != nil {
		t.Fatal(err)
	}
	r := &run{t: t, out: dir}
	planner, err := r.planner()
	if err != nil {
		t.Fatal(err)
	}
	planner.Site = session.Site
	again := func(_ context.Context, changes *changeset.Stack, deployed map[string]string, _ func(string) bool) preflight.Report {
		if changes.Name != "drifted" || len(deployed) != 4 || deployed["Data"] == "" {
			t.Errorf("asked about %s in %v", changes.Name, deployed)
		}
		return preflight.Report{Findings: []gate.Finding{{Code: gate.Drift, Subject: "Data/Database", What: "it was changed by hand, outside CloudFormation"}}}
	}
	err = (&deploy.Apply{Target: planner.Target, Accepted: planner.Accepted, Consent: deploy.Consent{Yes: true}, Plan: saved, Again: again}).Run(t.Context())
	wantCode(t, err, outcome.Refused, "1 finding is not accepted", "--accept drift/Data/Database=")
}
