package conformance

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// journey is one way through the API.
type journey struct {
	t        *testing.T
	name     string
	target   Target
	differed map[string]bool
	account  Account
	cfn      *cloudformation.Client
	s3       *s3.Client
	bucket   string
	stack    string // name of the root stack
	made     int
}

func newJourney(t *testing.T, name string, target Target, differed map[string]bool) *journey {
	account := target.New(t)
	j := &journey{
		t: t, name: name, target: target, differed: differed, account: account, bucket: "conformance-" + strings.ToLower(rand.Text()), stack: "site",
		cfn: cloudformation.NewFromConfig(account.Config),
		s3:  s3.NewFromConfig(account.Config, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }),
	}
	in := &s3.CreateBucketInput{Bucket: &j.bucket}
	if region := account.Config.Region; region != "us-east-1" {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(region)}
	}
	if _, err := j.s3.CreateBucket(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return j
}

// same is one check. What is listed as different is expected to be so.
func (j *journey) same(check string, got, want any) {
	j.t.Helper()
	diff := cmp.Diff(want, got)
	how, listed := j.target.Differs[j.name+"/"+check]
	if listed {
		j.differed[j.name+"/"+check] = true
	}
	switch {
	case diff != "" && listed:
		j.t.Logf("%s: differs as known: %s", check, how)
	case diff != "":
		j.t.Errorf("%s (-want +got):\n%s", check, diff)
	case listed:
		j.t.Errorf("%s: no longer differs (%s): take it off the list", check, how)
	}
}

func (j *journey) must(err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatal(err)
	}
}

// refused checks that AWS said no, and how.
func (j *journey) refused(check string, err error, code, message string) {
	j.t.Helper()
	got := "no error"
	var api smithy.APIError
	if asAPIError(err, &api) {
		got = api.ErrorCode() + ": " + j.tidy(api.ErrorMessage())
	} else if err != nil {
		got = err.Error()
	}
	j.same(check, got, code+": "+message)
}

func asAPIError(err error, target *smithy.APIError) bool {
	for err != nil {
		if api, ok := err.(smithy.APIError); ok {
			*target = api
			return true
		}
		w, ok := err.(interface{ Unwrap() error })
		if !ok {
			return false
		}
		err = w.Unwrap()
	}
	return false
}

// upload lays a template into the bucket and gives its address.
func (j *journey) upload(body string) string {
	j.t.Helper()
	key := fmt.Sprintf("templates/%x.yaml", sha256.Sum256([]byte(body)))
	_, err := j.s3.PutObject(j.t.Context(), &s3.PutObjectInput{Bucket: &j.bucket, Key: &key, Body: bytes.NewReader([]byte(body))})
	j.must(err)
	return fmt.Sprintf("https://s3.%s.amazonaws.com/%s/%s", j.account.Config.Region, j.bucket, key)
}

// plan makes a nested change set and waits until every one of its tree is final.
func (j *journey) plan(kind types.ChangeSetType, template string, tags ...types.Tag) string {
	j.t.Helper()
	j.made++
	out, err := j.cfn.CreateChangeSet(j.t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: &j.stack, ChangeSetName: aws.String(fmt.Sprintf("plan-%d", j.made)), ChangeSetType: kind, TemplateBody: &template,
		IncludeNestedStacks: aws.Bool(true), Tags: tags, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
		ClientToken: aws.String(fmt.Sprintf("plan-%d", j.made)), // a lost answer is asked for again
	})
	j.must(err)
	j.waitForChangeSet(*out.Id)
	return *out.Id
}

// waitForChangeSet waits for a change set and, following its changes, for all nested ones.
func (j *journey) waitForChangeSet(id string) {
	j.t.Helper()
	for j.pause(); ; j.pause() {
		d := j.describe(id, false)
		if d.Status != types.ChangeSetStatusCreatePending && d.Status != types.ChangeSetStatusCreateInProgress {
			for _, c := range d.Changes {
				if child := c.ResourceChange.ChangeSetId; child != nil {
					j.waitForChangeSet(*child)
				}
			}
			return
		}
	}
}

func (j *journey) pause() { time.Sleep(20 * time.Millisecond) }

func (j *journey) describe(id string, values bool) *cloudformation.DescribeChangeSetOutput {
	j.t.Helper()
	out, err := j.cfn.DescribeChangeSet(j.t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: &id, IncludePropertyValues: &values})
	j.must(err)
	return out
}

func (j *journey) execute(id string) {
	j.t.Helper()
	_, err := j.cfn.ExecuteChangeSet(j.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &id, ClientRequestToken: aws.String("token-" + id[len(id)-12:])})
	j.must(err)
}

// deploy plans, executes and waits for the end.
func (j *journey) deploy(kind types.ChangeSetType, template string) {
	j.t.Helper()
	j.execute(j.plan(kind, template))
	j.wait()
}

// wait waits until no operation runs on the root stack.
func (j *journey) wait() {
	j.t.Helper()
	for j.pause(); ; j.pause() {
		s := j.find(j.stack)
		if s == nil || !strings.HasSuffix(string(s.StackStatus), "_IN_PROGRESS") || s.StackStatus == types.StackStatusReviewInProgress {
			return
		}
	}
}

// find describes a stack by its name or id; nil when there is none.
func (j *journey) find(name string) *types.Stack {
	j.t.Helper()
	out, err := j.cfn.DescribeStacks(j.t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil && strings.Contains(err.Error(), "does not exist") {
		return nil
	}
	j.must(err)
	return &out.Stacks[0]
}

// status is a stack's status, or "gone".
func (j *journey) status(name string) string {
	j.t.Helper()
	if s := j.find(name); s != nil {
		return string(s.StackStatus)
	}
	return "gone"
}

// child is the id of a nested stack.
func (j *journey) child(logicalID string) string {
	j.t.Helper()
	out, err := j.cfn.DescribeStackResource(j.t.Context(), &cloudformation.DescribeStackResourceInput{StackName: &j.stack, LogicalResourceId: &logicalID})
	j.must(err)
	return aws.ToString(out.StackResourceDetail.PhysicalResourceId)
}

// history is a stack's events, the oldest first.
func (j *journey) history(stack string) []types.StackEvent {
	j.t.Helper()
	var all []types.StackEvent
	pages := cloudformation.NewDescribeStackEventsPaginator(j.cfn, &cloudformation.DescribeStackEventsInput{StackName: &stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(j.t.Context())
		j.must(err)
		all = append(all, page.StackEvents...)
	}
	slices.Reverse(all)
	return all
}

// events of a stack, the oldest first, as "LogicalId STATUS reason"; an event of the stack itself begins with ".".
func (j *journey) events(stack string) []string {
	j.t.Helper()
	lines := []string{}
	for _, e := range j.history(stack) {
		id := *e.LogicalResourceId
		if aws.ToString(e.PhysicalResourceId) == *e.StackId {
			id = "."
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", id, e.ResourceStatus, j.tidy(aws.ToString(e.ResourceStatusReason)))))
	}
	return lines
}

// of keeps the events of one resource.
func of(events []string, logicalID string) []string {
	return slices.DeleteFunc(slices.Clone(events), func(line string) bool { return !strings.HasPrefix(line, logicalID+" ") })
}

// since drops the events that were there before.
func since(events, before []string) []string { return events[len(before):] }

var (
	arns     = regexp.MustCompile(`arn:aws:cloudformation:[^:]*:[^:]*:(stack|changeSet)/([^/\s]+)/[^\s\]]*`)
	suffixes = regexp.MustCompile(`\b([a-zA-Z0-9-]+-([A-Z][A-Za-z]*))-[A-Z0-9]{12,13}\b`)
	bySet    = regexp.MustCompile(`\bplan-\d+-([A-Za-z]+)-[A-Za-z0-9-]+`)
)

// tidy takes made-up ids and names out of a text: <Data> is the nested stack Data, {Data} its change set.
func (j *journey) tidy(text string) string {
	text = arns.ReplaceAllStringFunc(text, func(arn string) string {
		m := arns.FindStringSubmatch(arn)
		if m[1] == "changeSet" {
			return "{" + bySet.ReplaceAllString(m[2], "$1") + "}"
		}
		return "<" + suffixes.ReplaceAllString(m[2], "$2") + ">"
	})
	return strings.TrimSpace(suffixes.ReplaceAllString(text, "$2"))
}
