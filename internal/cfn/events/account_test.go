package events_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/localawstest"
)

// tree is a root stack with nested ones, Child0 and so on, each with one resource Thing, in an account in memory.
type tree struct {
	t       *testing.T
	account *cfntest.Account
	api     *cloudformation.Client
	source  *cfn.Client
	id      string // of the root
}

// inTree runs a test with a tree whose creation has just begun.
func inTree(t *testing.T, children int, prepare func(*cfntest.Account), test func(*tree), options ...cfntest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t, options...)
		if prepare != nil {
			prepare(a)
		}
		tr := &tree{t: t, account: a, api: cloudformation.NewFromConfig(a.Config()), source: cfn.New(a.Config())}
		out, err := tr.api.CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: aws.String("root"), TemplateBody: aws.String(tr.template(children, "v1")), ClientRequestToken: aws.String("deploy-up-jane-1"),
		})
		if err != nil {
			t.Fatal(err)
		}
		tr.id = aws.ToString(out.StackId)
		test(tr)
	})
}

func (tr *tree) template(children int, value string) string {
	address := tr.account.PutObject("templates", "child-"+value, []byte(localawstest.Parameter("Thing", value)))
	body := "Resources:\n"
	for i := range children {
		body += fmt.Sprintf("  Child%d:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: %q}\n", i, address)
	}
	return body
}

func (tr *tree) update(children int, value string) {
	tr.t.Helper()
	_, err := tr.api.UpdateStack(tr.t.Context(), &cloudformation.UpdateStackInput{
		StackName: &tr.id, TemplateBody: aws.String(tr.template(children, value)), ClientRequestToken: aws.String("deploy-up-john-2"),
	})
	if err != nil {
		tr.t.Fatal(err)
	}
}

// follow watches to the end, and holds that each event of the tree from a number of the root's on was told once.
func (tr *tree) follow(watch *events.Watch, mark events.Cursor) (events.End, []events.Event) {
	tr.t.Helper()
	var told []events.Event
	end, err := watch.Follow(tr.t.Context(), tr.id, mark, func(e events.Event) { told = append(told, e) })
	if err != nil {
		tr.t.Fatal(err)
	}
	return end, told
}

// all counts the events of the tree since a time, as CloudFormation has them.
func (tr *tree) all(since time.Time) int {
	n := 0
	for _, s := range tr.account.Stacks() {
		for _, e := range tr.account.Events(s.ID) {
			if !e.Timestamp.Before(since) {
				n++
			}
		}
	}
	return n
}

// Forty nested stacks at once, each busy for a while: at most two calls a second over any ten seconds, and nothing is missed.
func TestAWatchAsksSeldomAtAnyNumberOfStacks(t *testing.T) {
	const children = 40
	inTree(t, children, func(a *cfntest.Account) {
		for i := range children {
			a.Takes(fmt.Sprintf("Child%d/Thing", i), time.Duration(5+7*i)*time.Second)
		}
	}, func(tr *tree) {
		end, told := tr.follow(events.NewWatch(tr.source), events.Cursor{})
		if end.Status != "CREATE_COMPLETE" || len(told) != tr.all(time.Time{}) {
			t.Errorf("%s after %d events of %d", end.Status, len(told), tr.all(time.Time{}))
		}
		calls := tr.account.Calls("DescribeStackEvents")
		most := 0
		for i, first := range calls {
			n := 0
			for _, c := range calls[i:] {
				if c.At.Sub(first.At) < 10*time.Second {
					n++
				}
			}
			most = max(most, n)
		}
		if most > 20 {
			t.Errorf("%d calls in ten seconds", most)
		}
		last := tr.account.Events("root")
		if late := calls[len(calls)-1].At.Sub(*last[len(last)-1].Timestamp); late > 30*time.Second {
			t.Errorf("the watch ended %v after the deployment", late)
		}
		t.Logf("%d calls, at most %d in ten seconds, %d events", len(calls), most, len(told))
	})
}

// An operation reads the same while it runs, followed, and afterwards, from anywhere, however CloudFormation pages and orders.
func TestAnOperationIsCollectedAsItWasFollowed(t *testing.T) {
	for name, options := range map[string][]cfntest.Option{
		"plainly": nil, "a page for each event": {cfntest.PageSize(1)}, "seconds in any order": {cfntest.EventsOfASecondMixed(), cfntest.PageSize(3)},
	} {
		t.Run(name, func(t *testing.T) {
			inTree(t, 3, nil, func(tr *tree) {
				_, created := tr.follow(events.NewWatch(tr.source), events.Cursor{})
				mark, err := events.CursorNow(tr.t.Context(), tr.source, tr.id)
				if err != nil {
					tr.t.Fatal(err)
				}
				tr.account.Fails("Child1/Thing", cfntest.Updating, "not that value")
				tr.update(3, "v2")
				end, updated := tr.follow(events.NewWatch(tr.source), mark)
				if end.Status != "UPDATE_ROLLBACK_COMPLETE" {
					tr.t.Errorf("ended %s", end.Status)
				}
				all, err := events.Operations(tr.t.Context(), tr.source, tr.id, 10)
				if err != nil || len(all) != 2 {
					tr.t.Fatalf("%d operations, %v", len(all), err)
				}
				if o := all[0]; o.Running() || o.Kind() != "update" || o.Failed == "" || o.Began.Token != "deploy-up-john-2" || o.End().Status != end.Status {
					tr.t.Errorf("the newest is %+v", o)
				}
				if o := all[1]; o.Running() || o.Kind() != "creation" || o.Failed != "" || o.Began.Token != "deploy-up-jane-1" {
					tr.t.Errorf("the oldest is %+v", o)
				}
				for i, followed := range [][]events.Event{updated, created} {
					collected, err := events.Collect(tr.t.Context(), tr.source, tr.id, all[i])
					if err != nil || !slices.Equal(ids(collected), ids(followed)) {
						tr.t.Errorf("operation %d: collected %d events, followed %d; %v", i, len(collected), len(followed), err)
					}
				}
			}, options...)
		})
	}
}

// ids are the events of a tree without their order, which depends on when one was read.
func ids(all []events.Event) []string {
	var ids []string
	for _, e := range all {
		ids = append(ids, strings.Join(e.Path, "/")+" "+e.ID)
	}
	slices.Sort(ids)
	return ids
}

// A watch that was left goes on where it was, and tells nothing twice.
func TestAWatchThatWasLeftGoesOn(t *testing.T) {
	inTree(t, 3, func(a *cfntest.Account) { a.Takes("Child1/Thing", time.Minute) }, func(tr *tree) {
		ctx, leave := context.WithTimeout(tr.t.Context(), 20*time.Second)
		defer leave()
		watch, told := events.NewWatch(tr.source), map[string]int{}
		tell := func(e events.Event) { told[e.StackID+e.ID]++ }
		if _, err := watch.Follow(ctx, tr.id, events.Cursor{}, tell); err == nil {
			t.Fatal("it was to be left")
		}
		end, err := watch.Resume(tr.t.Context(), tell)
		if err != nil || end.Status != "CREATE_COMPLETE" || len(told) != tr.all(time.Time{}) {
			t.Errorf("%s, %v: %d events of %d", end.Status, err, len(told), tr.all(time.Time{}))
		}
		for id, n := range told {
			if n > 1 {
				t.Errorf("%s was told %d times", id, n)
			}
		}
	})
}

// A throttle that outlasts any single call, in the middle and at the very end: the watch waits and ends right, with the root's reason.
func TestAThrottleNeverEndsAWatch(t *testing.T) {
	for from := time.Duration(0); from < 30*time.Second; from += 3 * time.Second {
		inTree(t, 3, func(a *cfntest.Account) { a.Fails("Child1/Thing", cfntest.Creating, "not that") }, func(tr *tree) {
			tr.account.Inject(cfntest.Fault{Effect: cfntest.Throttled, From: from, Until: from + 5*time.Minute})
			end, told := tr.follow(events.NewWatch(tr.source), events.Cursor{})
			var causes events.Causes
			for _, e := range told {
				causes.Add(e)
			}
			if cause, _ := causes.First(); end.Status != "ROLLBACK_COMPLETE" || cause.Reason != "not that" || len(told) != tr.all(time.Time{}) {
				t.Errorf("throttled from %v on: %s, for %q, %d events of %d", from, end.Status, cause.Reason, len(told), tr.all(time.Time{}))
			}
		})
	}
}
