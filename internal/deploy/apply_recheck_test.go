package deploy_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/preflight"
	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
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

// CloudFormation and nodes read from the bucket what was planned, or nothing is deployed.
func TestASavedPlanIsHeldAgainstWhatTheBucketHas(t *testing.T) {
	_, saved := savedChange(t, "objects")
	bucketOf := func(t *testing.T) (*s3.Client, *string) {
		session, err := deploy.OpenSaved(t.Context(), t.TempDir(), saved.Manifest)
		if err != nil {
			t.Fatal(err)
		}
		return bucket.NewClient(session.Config()), aws.String(saved.Manifest.BucketName(saved.Account))
	}
	key := manifest.TemplateKey(saved.Manifest.Stacks[0].Template.SHA256)
	client, name := bucketOf(t)
	object, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: name, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(object.Body)
	if err != nil {
		t.Fatal(err)
	}
	put := func(content []byte) {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: name, Key: &key, Body: bytes.NewReader(content), ChecksumAlgorithm: types.ChecksumAlgorithmSha256,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put([]byte("Resources: {}"))
	wantCode(t, (&run{t: t}).apply(saved), outcome.Refused, "the site's bucket no longer has what was planned: "+key, "make a new plan")
	if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: name, Key: &key}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, (&run{t: t}).apply(saved), outcome.Refused, "the site's bucket no longer has what was planned: "+key, "make a new plan")
	put(content)
	if _, err := client.DeletePublicAccessBlock(t.Context(), &s3.DeletePublicAccessBlockInput{Bucket: name}); err != nil {
		t.Fatal(err)
	}
	r := &run{t: t}
	if err := r.apply(saved); err != nil {
		t.Fatal(err)
	}
	wantWords(t, r.stderr.String(), "somebody opened the site's bucket by hand: public access is blocked again")
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
	again := func(_ context.Context, changes *changeset.Stack, deployed map[string]string, _ func(string, string) bool) preflight.Report {
		if changes.Name != "drifted" || len(deployed) != 4 || deployed["Data"] == "" {
			t.Errorf("asked about %s in %v", changes.Name, deployed)
		}
		return preflight.Report{Findings: []gate.Finding{{Code: gate.Drift, Subject: "Data/Database", What: "it was changed by hand, outside CloudFormation"}}}
	}
	err = (&deploy.Apply{Target: planner.Target, Accepted: planner.Accepted, Consent: deploy.Consent{Yes: true}, Plan: saved, Again: again}).Run(t.Context())
	wantCode(t, err, outcome.Refused, "1 finding is not accepted", "--accept drift/Data/Database=")
}
