package deploy_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/preflight"
)

// applier is what applies a plan in an account in memory, as another job would.
func (r *run) applier(saved *plan.Plan) *deploy.Apply {
	r.t.Helper()
	session, err := deploy.OpenSaved(r.context(), r.t.TempDir(), saved.Manifest, r.options...)
	if err != nil {
		r.t.Fatal(err)
	}
	return &deploy.Apply{
		Target: session.Target(r.view(), "token"), Accepted: r.accepted, Consent: deploy.Consent{Yes: true}, Plan: saved,
	}
}

// A snapshot is taken before a one-way change, whatever the plan file says of it.
func TestASavedOneWayChangeWaitsForItsSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, dir, d := cfntest.New(t), t.TempDir(), &databases{takes: time.Minute, ends: "available"}
		(&run{t: t, out: database(t, dir, "17.11", "one"), options: a.LoadOptions()}).mustUp()
		_, saved, err := (&run{t: t, out: database(t, dir, "18.4", "one"), options: a.LoadOptions()}).plan(true)
		wantCode(t, err, outcome.Refused, "one-way/Data/Database")
		for i := range saved.Findings {
			saved.Findings[i].Snapshot = false
		}
		r := &run{t: t, options: a.LoadOptions(), accepted: []gate.Acceptance{triedOnACopy}}
		apply := r.applier(saved)
		apply.Databases = d
		if err := apply.Run(t.Context()); err != nil {
			t.Fatalf("%v\n%s", err, &r.stderr)
		}
		wantWords(t, r.stderr.String(), "snapshot "+d.name+" is there", "memory is deployed")
	})
}

// Whoever applies a plan orders the upgrade, and an order without anything to upgrade is a mistake.
func TestASavedUpgradeIsOrderedWhereItIsApplied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, dir, d := cfntest.New(t), t.TempDir(), &databases{takes: time.Minute, ends: "available"}
		(&run{t: t, out: moodle(t, dir, "5.2"), options: a.LoadOptions()}).mustUp()
		_, saved, err := (&run{t: t, out: moodle(t, dir, "5.3"), options: a.LoadOptions()}).plan(true)
		wantCode(t, err, outcome.Refused, "--upgrade")
		apply := func(upgrade bool) (*run, error) {
			r := &run{t: t, options: a.LoadOptions()}
			apply := r.applier(copyOf(t, saved))
			apply.Databases, apply.Upgrade = d, upgrade
			return r, apply.Run(t.Context())
		}
		saved.Findings = nil
		_, err = apply(false)
		wantCode(t, err, outcome.Refused, "found since the plan was made: upgrade/App/MoodleVersion")
		saved.Upgrade.Permitted = true
		_, err = apply(false)
		wantCode(t, err, outcome.Refused, "made with --upgrade (Moodle goes from 5.2 to 5.3)")
		saved.Upgrade = nil
		r, err := apply(true)
		if err != nil {
			t.Fatalf("%v\n%s", err, &r.stderr)
		}
		wantWords(t, r.stderr.String(), "snapshot "+d.name+" is there", "memory is deployed")
	})
}

// A look that fails when a plan is applied is unknown, as it is when one is made.
func TestALookThatFailsIsSaid(t *testing.T) {
	losing(t, false, "true", "DISABLED", false, func(t *testing.T, a *cfntest.Account, saved *plan.Plan) {
		r := &run{t: t, options: a.LoadOptions(), accepted: accepted(t, `protection-removed/Data/Fs="a copy is elsewhere"`)}
		apply := r.applier(saved)
		apply.Again = func(context.Context, *changeset.Stack, map[string]string, func(string, string) bool) preflight.Report {
			return preflight.Report{Notes: []string{"whether stack Data has drifted could not be read"}}
		}
		if err := apply.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if text := r.stderr.String(); strings.Count(text, "whether stack Data has drifted could not be read") != 1 {
			t.Errorf("it is not said:\n%s", text)
		}
	})
}
