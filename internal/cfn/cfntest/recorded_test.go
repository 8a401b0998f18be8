package cfntest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/cfntest"
)

// recording is what real AWS answered in one test, by step.
type recording map[string]any

// recorded reads the answers of a test. They are not part of this project: SHARED names the folder that has them.
func recorded(t *testing.T, file, test string) recording {
	t.Helper()
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Skip("SHARED is not set: no answers recorded from AWS (aws-recorded/" + file + ")")
	}
	content, err := os.ReadFile(filepath.Join(shared, "aws-recorded", file))
	if err != nil {
		t.Fatal(err)
	}
	var tests map[string]struct{ Answers recording }
	if err := json.Unmarshal(content, &tests); err != nil {
		t.Fatal(err)
	}
	answers := tests[test].Answers
	if answers == nil {
		t.Fatalf("%s has no %s", file, test)
	}
	return answers
}

// replay does again in memory what a recorded test did.
type replay struct {
	*site
	want recording
}

// replays runs a test's steps in a bubble.
func replays(t *testing.T, file, test string, do func(r *replay), options ...cfntest.Option) {
	want := recorded(t, file, test)
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, append(options, cfntest.Region("us-east-1"))...)
		s.name = "stack-name-1"
		do(&replay{s, want})
	})
}

// change makes a change set and waits for it.
func (r *replay) change(kind types.ChangeSetType, name, template string, capabilities ...types.Capability) *cloudformation.CreateChangeSetOutput {
	r.t.Helper()
	out, err := r.client.CreateChangeSet(r.t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: &r.name, ChangeSetName: &name, ChangeSetType: kind, TemplateBody: &template, Capabilities: capabilities,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	time.Sleep(time.Minute)
	return out
}

// same holds an answer against a recorded step.
func (r *replay) same(step string, got any) {
	r.t.Helper()
	want, ok := r.want[step]
	if !ok {
		r.t.Fatalf("nothing recorded for %s", step)
	}
	if diff := cmp.Diff(normal(want), normal(plainOf(got))); diff != "" {
		r.t.Errorf("%s (-recorded +in memory):\n%s", step, diff)
	}
}

// refused holds an error against a recorded one, which is told as a text or as code and message.
func (r *replay) refused(step string, err error) {
	r.t.Helper()
	var api smithy.APIError
	if !asAPIError(err, &api) {
		r.t.Errorf("%s: %v is no answer of AWS", step, err)
		return
	}
	want := r.want[step]
	if m, ok := want.(map[string]any); ok {
		for m["Error"] != nil {
			m = m["Error"].(map[string]any)
		}
		want = fmt.Sprint(m["Code"], ": ", m["Message"])
	}
	text := fmt.Sprint(want)
	if !strings.Contains(text, api.ErrorCode()) || !strings.HasSuffix(withoutIDs(text), withoutIDs(api.ErrorMessage())) {
		r.t.Errorf("%s:\n recorded %s\n in memory %s: %s", step, text, api.ErrorCode(), api.ErrorMessage())
	}
}

func (r *replay) stack() types.Stack {
	r.t.Helper()
	return r.stackBy(r.name)
}

func (r *replay) stackBy(nameOrID string) types.Stack {
	r.t.Helper()
	out, err := r.client.DescribeStacks(r.t.Context(), &cloudformation.DescribeStacksInput{StackName: &nameOrID})
	if err != nil {
		r.t.Fatal(err)
	}
	out.Stacks[0].LastOperations = nil // newer than the recordings
	return out.Stacks[0]
}

func (r *replay) remove() {
	r.t.Helper()
	if _, err := r.client.DeleteStack(r.t.Context(), &cloudformation.DeleteStackInput{StackName: &r.name}); err != nil {
		r.t.Fatal(err)
	}
	r.wait()
}

// events holds the events of a resource, or of the stack itself, against recorded ones: all that was recorded of each.
func (r *replay) events(step, key, logicalID string, newestFirst bool) {
	r.t.Helper()
	want := r.want[step].(map[string]any)[key].([]any)
	if newestFirst {
		slices.Reverse(want)
	}
	var got []any
	for _, e := range r.account.Events(r.name) {
		if *e.LogicalResourceId == logicalID {
			got = append(got, plain(reflect.ValueOf(e)))
		}
	}
	_, reasons := find(want, "EventId")
	if !reasons { // the recorder kept one of two events that differ in their reason only
		got = lastOfEach(got)
		got = slices.DeleteFunc(got, func(e any) bool {
			return e.(map[string]any)["ResourceStatus"] == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
		})
	}
	for i := range got {
		if i < len(want) {
			got[i] = only(got[i].(map[string]any), want[i].(map[string]any))
		}
	}
	if diff := cmp.Diff(normal(want), normal(got)); diff != "" {
		r.t.Errorf("%s of %s (-recorded +in memory):\n%s", step, logicalID, diff)
	}
}

// lastOfEach keeps the last of several events in a row with one status.
func lastOfEach(events []any) []any {
	var kept []any
	for i, e := range events {
		if i+1 == len(events) || e.(map[string]any)["ResourceStatus"] != events[i+1].(map[string]any)["ResourceStatus"] {
			kept = append(kept, e)
		}
	}
	return kept
}

func find(list []any, key string) (any, bool) {
	for _, item := range list {
		if v, ok := item.(map[string]any)[key]; ok {
			return v, true
		}
	}
	return nil, false
}

// only keeps the keys that a recorded event may have: the recorder left some out, never the reason when it kept the id.
func only(got, want map[string]any) map[string]any {
	kept := map[string]any{}
	_, full := want["EventId"]
	for key, value := range got {
		if _, ok := want[key]; ok || full && (key == "ResourceStatusReason" || key == "ResourceProperties") {
			kept[key] = value
		}
	}
	return kept
}

func asAPIError(err error, target *smithy.APIError) bool {
	for ; err != nil; err = unwrap(err) {
		if api, ok := err.(smithy.APIError); ok {
			*target = api
			return true
		}
	}
	return false
}

func unwrap(err error) error {
	if w, ok := err.(interface{ Unwrap() error }); ok {
		return w.Unwrap()
	}
	return nil
}

func plainOf(v any) any { return plain(reflect.ValueOf(v)) }

// settle lets time pass until what was begun has ended.
func (s *site) waitForChangeSet() { time.Sleep(time.Minute) }

// eventsOf holds all events of the stack against recorded ones.
func (r *replay) eventsOf(step, key string) {
	r.t.Helper()
	want := r.want[step].(map[string]any)[key].([]any)
	var got []any
	for i, e := range r.account.Events(r.name) {
		if i < len(want) {
			got = append(got, only(plainOf(e).(map[string]any), want[i].(map[string]any)))
		}
	}
	if diff := cmp.Diff(normal(want), normal(got)); diff != "" {
		r.t.Errorf("%s (-recorded +in memory):\n%s", step, diff)
	}
}
