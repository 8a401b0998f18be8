package changeset

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/poll"
)

// fakeSets is CloudFormation with change sets that become ready at a time.
type fakeSets struct {
	sets map[string]*set
	lock sync.Mutex
	log  []string
}

type set struct {
	ready  time.Duration // after the start
	status types.ChangeSetStatus
	reason string
	nested map[string]string
	action types.ChangeAction
	start  time.Time
}

func newFakeSets(sets map[string]*set) *fakeSets {
	for _, s := range sets {
		s.start = time.Now()
	}
	return &fakeSets{sets: sets}
}

func (p *fakeSets) ChangeSet(_ context.Context, id string, values bool) (*cloudformation.DescribeChangeSetOutput, error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.log = append(p.log, fmt.Sprint(id, " ", values))
	s := p.sets[id]
	if s == nil {
		return nil, fmt.Errorf("change set %s does not exist", id)
	}
	d := &cloudformation.DescribeChangeSetOutput{ChangeSetId: &id, StackName: &id, Status: types.ChangeSetStatusCreateInProgress}
	if time.Since(s.start) < s.ready {
		return d, nil
	}
	d.Status, d.StatusReason = s.status, &s.reason
	d.Changes = []types.Change{{ResourceChange: &types.ResourceChange{Action: s.action, LogicalResourceId: aws.String("Thing")}}}
	for logicalID, nested := range s.nested {
		d.Changes = append(d.Changes, types.Change{ResourceChange: &types.ResourceChange{
			Action: s.action, LogicalResourceId: &logicalID, ChangeSetId: &nested, ResourceType: aws.String("AWS::CloudFormation::Stack"),
		}})
	}
	return d, nil
}

const (
	complete       = types.ChangeSetStatusCreateComplete
	failed         = types.ChangeSetStatusFailed
	nothingChanges = "The submitted information didn't contain changes. Submit different information to create a change set."
)

func TestReadWaitsForEachChangeSetOfTheTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newFakeSets(map[string]*set{
			"root":  {ready: 20 * time.Second, status: complete, action: types.ChangeActionModify, nested: map[string]string{"Data": "data", "App": "app"}},
			"data":  {ready: 40 * time.Second, status: complete, action: types.ChangeActionAdd, nested: map[string]string{"Inner": "inner"}},
			"inner": {ready: 90 * time.Second, status: complete, action: types.ChangeActionAdd},
			"app":   {ready: 10 * time.Second, status: failed, reason: nothingChanges, action: types.ChangeActionModify},
		})
		began := time.Now()
		d, err := Read(t.Context(), api, "root", nil)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 90*time.Second || took > 90*time.Second+poll.Longest {
			t.Errorf("it took %v", took)
		}
		if failures := Failures(d); len(failures) > 0 {
			t.Errorf("an unchanged nested stack is no failure, but: %v", failures)
		}
		if d.Children["Data"].Children["Inner"] == nil || StateOf(d.Children["App"].Plain) != Unchanged {
			t.Errorf("described %+v", d.Children)
		}
		if len(api.log) > 150 {
			t.Errorf("%d calls", len(api.log))
		}
		// On a creation one description is enough; with changes there is a second with values, none for what is unchanged.
		var values []string
		for _, call := range api.log {
			if id, ok := strings.CutSuffix(call, " true"); ok {
				values = append(values, id)
			}
		}
		if !slices.Equal(values, []string{"root"}) {
			t.Errorf("values were asked for of %v, want of root", values)
		}
	})
}

// The root fails with the first child, while others are still being made and one of those has the reason.
func TestAFailureIsTheDeepestOwnReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arn := "arn:aws:cloudformation:eu-central-1:1:changeSet/inner/1"
		nestedFailure := "Nested change set " + arn + " was not successfully created: Currently in FAILED."
		api := newFakeSets(map[string]*set{
			"root": {ready: time.Second, status: failed, reason: "Nested change set data was not successfully created: Currently in FAILED.", nested: map[string]string{"Data": "data", "App": "app"}},
			"data": {ready: time.Second, status: failed, reason: nestedFailure}, // it names its child in its reason only
			arn:    {ready: time.Minute, status: failed, reason: "Parameters: [Size] must have values"},
			"app":  {ready: time.Second, status: complete, reason: "Only executable from the root change set."},
		})
		d, err := Read(t.Context(), api, "root", nil)
		if err != nil {
			t.Fatal(err)
		}
		got := Failures(d)
		if len(got) != 1 || got[0].Reason != "Parameters: [Size] must have values" || got[0].Path[0] != "Data" {
			t.Errorf("got %v", got)
		}
	})
}

func TestReadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		api := newFakeSets(map[string]*set{"root": {ready: time.Hour}})
		if _, err := Read(ctx, api, "root", nil); err == nil {
			t.Error("it went on")
		}
	})
}
