package deploy_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/history"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

func past(t *testing.T, a *cfntest.Account, out string) *deploy.History {
	t.Helper()
	session, err := deploy.Open(t.Context(), out, "dev", a.LoadOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	return &deploy.History{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}
}

// told is a history as lines: what, result, note.
func told(t *testing.T, h *deploy.History, most int) []string {
	t.Helper()
	p, err := h.Run(t.Context(), most)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, o := range p.Operations {
		lines = append(lines, strings.TrimSpace(o.What+" by "+o.Who+": "+string(o.Result())+" "+o.Note))
	}
	return lines
}

func TestHistoryTellsWhatWasDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		folder := localawstest.Small("told")
		out := folder.Write(t, t.TempDir())
		if err := (&run{t: t, out: out, options: a.LoadOptions()}).up(); err != nil {
			t.Fatal(err)
		}
		folder.Stacks["App"] = localawstest.Parameter("Slow", "x")
		out = folder.Write(t, t.TempDir())
		a.Takes("Slow", 5*time.Minute)
		a.Fails("Slow", cfntest.Creating, "no room is left")
		if err := (&run{t: t, out: out, options: a.LoadOptions()}).up(); err == nil {
			t.Fatal("the update should have failed")
		}
		want := []string{
			"up by administrator: rolled back deploy-up dev by administrator, git abc1234",
			"up by administrator: done",
		}
		if diff := cmp.Diff(want, told(t, past(t, a, out), 20)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if p, err := past(t, a, out).Run(t.Context(), 1); err != nil || len(p.Operations) != 1 || !p.More {
			t.Errorf("one of two: %+v, %v", p, err)
		}
	})
}

func TestResult(t *testing.T) {
	for _, c := range []struct {
		began, last, failed status.Status
		want                events.Result
	}{
		{"CREATE_IN_PROGRESS", "CREATE_COMPLETE", "", "done"},
		{"CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_IN_PROGRESS", "rolled back"},
		{"CREATE_IN_PROGRESS", "CREATE_FAILED", "CREATE_FAILED", "failed"},
		{"UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "", "running"},
		{"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "", "running"},
		{"UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "rolling back"},
		{"UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_IN_PROGRESS", "rolled back"},
		{"UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "failed"},
		{"UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "running"},
		{"UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_IN_PROGRESS", "done"},
		{"UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "failed"},
		{"DELETE_IN_PROGRESS", "DELETE_COMPLETE", "", "done"},
		{"DELETE_IN_PROGRESS", "DELETE_FAILED", "DELETE_FAILED", "failed"},
		{"DELETE_IN_PROGRESS", "UPDATE_COMPLETE", "", "failed"},
		{"DELETE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "", "failed"},
	} {
		o := operation.Operation{Operation: events.Operation{Began: events.Event{Status: c.began}, Last: events.Event{Status: c.last}, Failed: c.failed}}
		if got := o.Result(); got != c.want || o.Succeeded() != (c.want == "done") {
			t.Errorf("from %s to %s: %s, well: %v, want %s", c.began, c.last, got, o.Succeeded(), c.want)
		}
	}
}

// A deletion that is refused fails no resource: what the root says at the end is the reason.
func TestAPageOfARefusedDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		out := localawstest.Small("held").Write(t, t.TempDir())
		colleague := cloudformation.NewFromConfig(a.Config())
		create := func(name, body string) {
			t.Helper()
			_, err := colleague.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body})
			if err != nil {
				t.Fatal(err)
			}
			for a.Stack(name).Status != "CREATE_COMPLETE" {
				time.Sleep(time.Second)
			}
		}
		create("held", localawstest.Parameter("Lent", "x")+localawstest.Export("Lent", "lent", "x"))
		create("guest", localawstest.Parameter("Borrowed", "!ImportValue lent"))
		if _, err := colleague.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("held")}); err != nil {
			t.Fatal(err)
		}
		for a.Stack("held").Status == "DELETE_IN_PROGRESS" {
			time.Sleep(time.Second)
		}
		page, err := past(t, a, out).Page(t.Context(), 1, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if page.Result != "failed" || page.Cause == nil || !strings.Contains(page.Cause.Reason, "in use by guest") {
			t.Errorf("%s (%s): %+v", page.Result, page.Status, page.Cause)
		}
	})
}

func TestAPageOfAnyOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		folder := localawstest.Small("drawn")
		folder.Stacks["App"] = localawstest.Parameter("Slow", "x")
		out := folder.Write(t, t.TempDir())
		a.Takes("Slow", 5*time.Minute)
		a.Fails("Slow", cfntest.Creating, "no room is left")
		if err := (&run{t: t, out: out, options: a.LoadOptions()}).up(); err == nil {
			t.Fatal("the creation should have failed")
		}
		page, err := past(t, a, out).Page(t.Context(), 1, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if page.Result != "rolled back" || page.Cause == nil || page.Cause.Name != "App/Slow" || page.Cause.Reason != "no room is left" {
			t.Errorf("%s, %+v", page.Result, page.Cause)
		}
		if took := page.Timeline.Took(); took < 5*time.Minute {
			t.Errorf("it took %v", took)
		}
		critical := false
		for _, p := range page.Timeline.Path {
			critical = critical || p.Bar.Name() == "App/Slow" && p.Outcome == history.Failed && p.Bar.Cause
		}
		if !critical {
			t.Error("what failed is not on the critical path")
		}
		_, err = past(t, a, out).Page(t.Context(), 2, time.Now())
		wantCode(t, err, outcome.Failed, "there is no operation 2 of drawn: CloudFormation remembers 1", "deploy history dev")
	})
}

// What was only planned has no history.
func TestNothingWasDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		out := localawstest.Small("planned").Write(t, t.TempDir())
		_, err := past(t, a, out).Run(t.Context(), 20)
		wantCode(t, err, outcome.Failed, "planned is not deployed")
		session, err := deploy.Open(t.Context(), out, "dev", a.LoadOptions()...)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := session.Stacks.CreateChangeSet(t.Context(), cfn.ChangeSetRequest{
			Stack: "planned", Create: true, Name: "by-hand", Body: localawstest.Parameter("Other", "x"), Token: "planned-by-hand",
		}); err != nil {
			t.Fatal(err)
		}
		if lines := told(t, past(t, a, out), 20); len(lines) != 0 {
			t.Errorf("%q", lines)
		}
		_, err = past(t, a, out).Page(t.Context(), 1, time.Now())
		wantCode(t, err, outcome.Failed, "nothing to draw: nothing was done to planned")
	})
}

// A site that was destroyed and created anew is another stack; what was before is remembered by the old one's id.
func TestHistoryGoesBackBeyondADeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		out := localawstest.Small("again").Write(t, t.TempDir())
		for _, do := range []func(*run) error{(*run).up, (*run).destroy, (*run).up, (*run).destroy} {
			if err := do(&run{t: t, out: out, options: a.LoadOptions()}); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"destroy by administrator: done", "up by administrator: done", "destroy by administrator: done", "up by administrator: done"}
		if diff := cmp.Diff(want, told(t, past(t, a, out), 20)); diff != "" {
			t.Errorf("it is gone (-want +got):\n%s", diff)
		}
		if page, err := past(t, a, out).Page(t.Context(), 4, time.Now()); err != nil || page.Status != "CREATE_COMPLETE" || len(page.Timeline.Path) == 0 {
			t.Errorf("the page of the oldest: %+v, %v", page, err)
		}
		if p, err := past(t, a, out).Run(t.Context(), 3); err != nil || len(p.Operations) != 3 || !p.More {
			t.Errorf("three of four: %+v, %v", p, err)
		}
	})
}

func TestHistoryWithoutThePermissionToLookBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		out := localawstest.Small("denied").Write(t, t.TempDir())
		if err := (&run{t: t, out: out, options: a.LoadOptions()}).up(); err != nil {
			t.Fatal(err)
		}
		a.Inject(cfntest.Fault{Action: "ListStacks", Effect: cfntest.Denied("no cloudformation:ListStacks")})
		p, err := past(t, a, out).Run(t.Context(), 20)
		if err != nil || len(p.Operations) != 1 || !strings.Contains(p.Unreadable, "no cloudformation:ListStacks") {
			t.Errorf("it stands: %+v, %v", p, err)
		}
		a.Heal()
		if err := (&run{t: t, out: out, options: a.LoadOptions()}).destroy(); err != nil {
			t.Fatal(err)
		}
		a.Inject(cfntest.Fault{Action: "ListStacks", Effect: cfntest.Denied("no cloudformation:ListStacks")})
		_, err = past(t, a, out).Run(t.Context(), 20)
		wantCode(t, err, outcome.Failed, "denied is not deployed, and its history can't be read", "no cloudformation:ListStacks")
	})
}
