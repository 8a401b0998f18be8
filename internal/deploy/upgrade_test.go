package deploy_test

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

// databases is RDS with one snapshot that takes a while.
type databases struct {
	takes   time.Duration
	ends    string // its last status
	refuses error

	name, cluster string
	ready         time.Time
}

func (d *databases) CreateDBClusterSnapshot(_ context.Context, in *rds.CreateDBClusterSnapshotInput, _ ...func(*rds.Options)) (*rds.CreateDBClusterSnapshotOutput, error) {
	if d.refuses == nil {
		d.name, d.cluster, d.ready = *in.DBClusterSnapshotIdentifier, *in.DBClusterIdentifier, time.Now().Add(d.takes)
	}
	return &rds.CreateDBClusterSnapshotOutput{}, d.refuses
}

func (d *databases) DescribeDBClusterSnapshots(context.Context, *rds.DescribeDBClusterSnapshotsInput, ...func(*rds.Options)) (*rds.DescribeDBClusterSnapshotsOutput, error) {
	status, percent := "creating", int32(100-100*time.Until(d.ready)/d.takes)
	if !time.Now().Before(d.ready) {
		status, percent = d.ends, 100
	}
	return &rds.DescribeDBClusterSnapshotsOutput{DBClusterSnapshots: []types.DBClusterSnapshot{{Status: &status, PercentProgress: aws.Int32(percent)}}}, nil
}

// moodle is a site with a database and a version of Moodle.
func moodle(t *testing.T, dir, version string) string {
	site := localawstest.Small("memory")
	site.Stacks["Data"] = "Resources:\n  Database:\n    Type: AWS::RDS::DBCluster\n    Properties:\n      Engine: aurora-postgresql\n" +
		localawstest.Export("Name", "memory-data-Name", "!Ref Database")
	site.Stacks["App"] = localawstest.Parameter("Version", version) + "Outputs:\n  MoodleVersion:\n    Value: \"" + version + "\"\n"
	site.Application = &manifest.Application{Advice: manifest.Advice{Restore: `the runbook, "Upgrade Moodle", says when it is needed`}}
	return site.Write(t, dir)
}

// upgrading runs deploy up --upgrade from 5.2 to 5.3 in an account in memory, and gives it and the bucket that it kept things in.
func upgrading(t *testing.T, d *databases, prepare func(*cfntest.Account, *run)) (*run, shelf, error) {
	cloud := cfntest.New(t)
	dir, bucket := t.TempDir(), shelf{}
	first := &run{t: t, out: moodle(t, dir, "5.2"), options: cloud.LoadOptions()}
	first.mustUp()
	r := &run{t: t, out: moodle(t, dir, "5.3"), options: cloud.LoadOptions()}
	if prepare != nil {
		prepare(cloud, r)
	}
	planner, err := r.planner()
	if err != nil {
		t.Fatal(err)
	}
	planner.Upgrade = true
	real := planner.Bucket
	planner.Bucket = func(c account.Caller) deploy.Keeper { return both{real(c), bucket} }
	return r, bucket, (&deploy.Up{Planner: planner, Databases: d, Consent: deploy.Consent{Yes: true}}).Run(r.context())
}

// both keeps things in the account's bucket, and remembers them.
type both struct {
	deploy.Keeper
	seen shelf
}

func (b both) Keep(ctx context.Context, objects []bucket.Object, mayBeThere bool) (bucket.Kept, error) {
	if _, err := b.seen.Keep(ctx, objects, mayBeThere); err != nil {
		return bucket.Kept{}, err
	}
	return b.Keeper.Keep(ctx, objects, mayBeThere)
}

// permission is what lies under upgrade/ in a bucket.
func (s shelf) permission(t *testing.T) (key string, content map[string]any) {
	for name, text := range s {
		if strings.HasPrefix(name, "upgrade/") {
			if key = name; json.Unmarshal([]byte(text), &content) != nil {
				t.Errorf("%s holds %q", name, text)
			}
		}
	}
	return key, content
}

func TestAnUpgradeWaitsForItsSnapshotAndThenPermitsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &databases{takes: 20 * time.Minute, ends: "available"}
		r, bucket, err := upgrading(t, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^memory-before-upgrade-\d{8}-\d{6}-[a-z0-9]{4}$`).MatchString(d.name) || !strings.Contains(d.cluster, "Database") {
			t.Errorf("the snapshot is %s, of %s", d.name, d.cluster)
		}
		wantWords(t, r.stderr.String(), "taking snapshot "+d.name, "snapshot "+d.name+" is 50 % done", "snapshot "+d.name+" is there", "memory is deployed")
		key, content := bucket.permission(t)
		if !regexp.MustCompile(`^upgrade/[0-9a-f]{64}$`).MatchString(key) || content["snapshot"] != d.name || content["what"] != "Moodle goes from 5.2 to 5.3" {
			t.Errorf("%s says %v", key, content)
		}
	})
}

// Whatever becomes of the snapshot: without one nothing is permitted, nothing is deployed, and no plan is left.
func TestAnUpgradeWithoutItsSnapshotDeploysNothing(t *testing.T) {
	for name, test := range map[string]struct {
		databases databases
		prepare   func(*cfntest.Account, *run)
		code      outcome.Code
		words     []string
	}{
		"refused": {code: outcome.Failed, databases: databases{refuses: errors.New("SnapshotQuotaExceeded")}, words: []string{"take a snapshot of database cluster", "SnapshotQuotaExceeded", "nothing was deployed"}},
		"failed":  {code: outcome.Failed, databases: databases{takes: time.Minute, ends: "failed"}, words: []string{"is failed", "nothing was deployed"}},
		"interrupted": {
			code: outcome.Interrupted, databases: databases{takes: time.Hour, ends: "available"}, words: []string{"wait for snapshot", "the snapshot continues", "delete-db-cluster-snapshot"},
			prepare: func(_ *cfntest.Account, r *run) {
				ctx, cancel := context.WithCancel(r.t.Context())
				r.ctx, r.onStep = ctx, func(step string) {
					if strings.HasSuffix(step, "30 % done") {
						cancel()
					}
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var cloud *cfntest.Account
				_, bucket, err := upgrading(t, &test.databases, func(a *cfntest.Account, r *run) {
					if cloud = a; test.prepare != nil {
						test.prepare(a, r)
					}
				})
				wantCode(t, err, test.code, test.words...)
				if key, _ := bucket.permission(t); key != "" {
					t.Errorf("nodes may upgrade the database all the same: %s", key)
				}
				m := &memory{t: t, account: cloud}
				if got := m.version(); got != "5.2" || m.waiting() != nil {
					t.Errorf("%s stands, and plans are left: %v", got, m.waiting())
				}
			})
		})
	}
}

// Who has to go back finds the way in the last words.
func TestAnUpgradeThatFailsNamesItsSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &databases{takes: time.Minute, ends: "available"}
		_, _, err := upgrading(t, d, func(a *cfntest.Account, _ *run) { a.Fails("App/Version", cfntest.Updating, "no node came up") })
		wantCode(t, err, outcome.RolledBack, "no node came up", "remove the cause", "snapshot "+d.name, "Upgrade Moodle")
	})
}
