package deploy_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

// database is a site whose database has a version of its engine, and whose nodes are of a kind.
func database(t *testing.T, dir, engine, nodes string) string {
	site := localawstest.Small("memory")
	site.Stacks["Data"] = "Resources:\n  Database:\n    Type: AWS::RDS::DBCluster\n    DeletionPolicy: Snapshot\n    Properties:\n      Engine: aurora-postgresql\n      EngineVersion: \"" + engine + "\"\n" +
		localawstest.Export("Name", "memory-data-Name", "!Ref Database")
	site.Stacks["App"] = localawstest.Parameter("Version", nodes)
	return site.Write(t, dir)
}

// newEngine deploys a newer engine, with the findings that are accepted, after the site was made in an account in memory.
func newEngine(t *testing.T, d *databases, nodes string, prepare func(*cfntest.Account), accepted ...gate.Acceptance) (*run, *cfntest.Account, error) {
	cloud, dir := cfntest.New(t), t.TempDir()
	first := &run{t: t, out: database(t, dir, "17.11", "one"), options: cloud.LoadOptions()}
	first.mustUp()
	if prepare != nil {
		prepare(cloud)
	}
	r := &run{t: t, out: database(t, dir, "18.4", nodes), options: cloud.LoadOptions(), accepted: accepted}
	planner, err := r.planner()
	if err != nil {
		t.Fatal(err)
	}
	return r, cloud, (&deploy.Up{Planner: planner, Databases: d, Consent: deploy.Consent{Yes: true}}).Run(r.context())
}

var triedOnACopy = gate.Acceptance{Code: gate.OneWay, Subject: "Data/Database", Reason: "tried on a copy"}

func TestANewerEngineWaitsForItsSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &databases{takes: 20 * time.Minute, ends: "available"}
		r, _, err := newEngine(t, d, "one", nil, triedOnACopy)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^memory-before-upgrade-\d{8}-\d{6}-[a-z0-9]{4}$`).MatchString(d.name) || !strings.Contains(d.cluster, "Database") {
			t.Errorf("the snapshot is %s, of %s", d.name, d.cluster)
		}
		wantWords(t, r.stderr.String(), "the engine goes from 17.11 to 18.4, a major version", "taking snapshot "+d.name, "snapshot "+d.name+" is there", "memory is deployed")
	})
}

// Whoever does not accept it, or cannot have a snapshot, deploys nothing; nor does a plan with something else in it.
func TestANewerEngineThatIsNotDeployed(t *testing.T) {
	for name, test := range map[string]struct {
		nodes     string
		databases databases
		accepted  []gate.Acceptance
		code      outcome.Code
		words     []string
	}{
		"not accepted":          {nodes: "one", code: outcome.Refused, words: []string{`--accept one-way/Data/Database="…"`}},
		"not alone":             {nodes: "two", code: outcome.Refused, accepted: []gate.Acceptance{triedOnACopy}, words: []string{`--accept one-way/App="…"`}},
		"without a snapshot":    {nodes: "one", code: outcome.Failed, accepted: []gate.Acceptance{triedOnACopy}, databases: databases{refuses: errors.New("SnapshotQuotaExceeded")}, words: []string{"SnapshotQuotaExceeded", "nothing was deployed"}},
		"a snapshot that fails": {nodes: "one", code: outcome.Failed, accepted: []gate.Acceptance{triedOnACopy}, databases: databases{takes: time.Minute, ends: "failed"}, words: []string{"is failed", "nothing was deployed"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, cloud, err := newEngine(t, &test.databases, test.nodes, nil, test.accepted...)
				wantCode(t, err, test.code, test.words...)
				if m := (&memory{t: t, account: cloud}); m.version() != "one" || m.waiting() != nil {
					t.Errorf("%s stands, and plans are left: %v", m.version(), m.waiting())
				}
				if test.code == outcome.Refused && test.databases.name != "" {
					t.Errorf("a snapshot was taken for nothing: %s", test.databases.name)
				}
			})
		})
	}
}

// Who has to go back finds the way in the last words.
func TestANewerEngineThatFailsNamesItsSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &databases{takes: time.Minute, ends: "available"}
		_, _, err := newEngine(t, d, "one", func(a *cfntest.Account) { a.Fails("Data/Database", cfntest.Updating, "no more room") }, triedOnACopy)
		wantCode(t, err, outcome.RolledBack, "no more room", "the database as it was before the upgrade is snapshot "+d.name, "restore it into a new site")
	})
}

// A saved plan takes its snapshot when it is applied.
func TestASavedPlanOfANewerEngineTakesItsSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, dir := cfntest.New(t), t.TempDir()
		(&run{t: t, out: database(t, dir, "17.11", "one"), options: cloud.LoadOptions()}).mustUp()
		r := &run{t: t, out: database(t, dir, "18.4", "one"), options: cloud.LoadOptions()}
		_, saved, err := r.plan(true)
		wantCode(t, err, outcome.Refused, "one-way/Data/Database")
		planner, err := r.planner()
		if err != nil {
			t.Fatal(err)
		}
		d := &databases{takes: time.Minute, ends: "available"}
		apply := &deploy.Apply{Target: planner.Target, Plan: saved, Accepted: []gate.Acceptance{triedOnACopy}, Databases: d, Consent: deploy.Consent{Yes: true}}
		if err := apply.Run(r.context()); err != nil || d.name == "" {
			t.Errorf("applied with %v and snapshot %q", err, d.name)
		}
	})
}

// A restored database that forgets its snapshot would be lost: the plan says what AWS makes of that, in its first lines.
func TestAPlanInWhichADatabaseForgetsItsSnapshot(t *testing.T) {
	for name, test := range map[string]struct{ after, words string }{
		"left out": {"", "AWS makes a new, empty one, and deletes this one with all that was written since"},
		"changed":  {"      SnapshotIdentifier: another\n", "AWS makes a new one from another, and deletes this one"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, dir := cfntest.New(t), t.TempDir()
				site := localawstest.Small("memory")
				restored := func(from string) string {
					site.Stacks["Data"] = "Resources:\n  Database:\n    Type: AWS::RDS::DBCluster\n    DeletionPolicy: Snapshot\n    Properties:\n      Engine: aurora-postgresql\n" + from +
						localawstest.Export("Name", "memory-data-Name", "!Ref Database")
					return site.Write(t, dir)
				}
				(&run{t: t, out: restored("      SnapshotIdentifier: before-exam\n"), options: cloud.LoadOptions()}).mustUp()
				r := &run{t: t, out: restored(test.after), options: cloud.LoadOptions()}
				wantCode(t, r.up(), outcome.Refused, `--accept data-loss/Data/Database="…"`)
				wantWords(t, r.stderr.String(), "it was restored from before-exam, which the template no longer names: "+test.words, "keep SnapshotIdentifier of Data/Database")
			})
		})
	}
}
