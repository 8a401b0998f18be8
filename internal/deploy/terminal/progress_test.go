package terminal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/ansi"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/inventory"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/diagnosis"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/recovery"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/manifest"
)

const nestedStack = "AWS::CloudFormation::Stack"

// happening is the creation of a site, in which the database fails: an event, and how long it takes until the next.
var happening = []struct {
	events.Event
	then time.Duration
}{
	{ofSite("CREATE_IN_PROGRESS", "User Initiated"), time.Second},
	{events.Event{StackID: "r", PhysicalID: "n", LogicalID: "Network", Type: nestedStack, Status: "CREATE_IN_PROGRESS"}, time.Second},
	{events.Event{StackID: "n", Path: []string{"Network"}, LogicalID: "Vpc", Type: "AWS::EC2::VPC", Status: "CREATE_IN_PROGRESS"}, 12 * time.Second},
	{events.Event{StackID: "n", Path: []string{"Network"}, LogicalID: "Vpc", Type: "AWS::EC2::VPC", Status: "CREATE_COMPLETE"}, 0},
	{events.Event{StackID: "r", PhysicalID: "n", LogicalID: "Network", Type: nestedStack, Status: "CREATE_COMPLETE"}, time.Second},
	{events.Event{StackID: "r", PhysicalID: "d", LogicalID: "Data", Type: nestedStack, Status: "CREATE_IN_PROGRESS"}, time.Second},
	{events.Event{StackID: "d", Path: []string{"Data"}, LogicalID: "Database", Type: "AWS::RDS::DBCluster", Status: "CREATE_IN_PROGRESS"}, 0},
	{events.Event{StackID: "d", Path: []string{"Data"}, LogicalID: "FileSystem", Type: "AWS::EFS::FileSystem", Status: "CREATE_IN_PROGRESS"}, 150 * time.Second},
	{events.Event{StackID: "d", Path: []string{"Data"}, LogicalID: "FileSystem", Type: "AWS::EFS::FileSystem", Status: "CREATE_COMPLETE"}, time.Second},
	{events.Event{StackID: "d", Path: []string{"Data"}, LogicalID: "Database", Type: "AWS::RDS::DBCluster", Status: "CREATE_FAILED", Reason: "Cannot find version 16.6 for aurora-postgresql"}, 0},
	{ofSite("ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Data]."), time.Second},
	{events.Event{StackID: "r", PhysicalID: "d", LogicalID: "Data", Type: nestedStack, Status: "DELETE_IN_PROGRESS"}, 2 * time.Second},
	{events.Event{StackID: "r", PhysicalID: "d", LogicalID: "Data", Type: nestedStack, Status: "DELETE_COMPLETE"}, time.Second},
	{ofSite("ROLLBACK_COMPLETE", ""), 0},
}

func ofSite(status status.Status, reason string) events.Event {
	return events.Event{StackID: "r", PhysicalID: "r", StackName: "moodle-prod", LogicalID: "moodle-prod", Type: nestedStack, Status: status, Reason: reason}
}

var planned = &plan.Plan{Made: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), Region: site.Region, Manifest: site, Account: caller.Account, By: caller.ARN, Create: true, Changes: &changeset.Stack{Name: "moodle-prod", Action: changeset.Add, Children: []*changeset.Stack{
	{Path: []string{"Network"}, Action: changeset.Add, Items: []changeset.Item{{Action: changeset.Add, LogicalID: "Vpc", Type: "AWS::EC2::VPC"}}},
	{Path: []string{"Data"}, Action: changeset.Add, Items: []changeset.Item{
		{Action: changeset.Add, LogicalID: "Database", Type: "AWS::RDS::DBCluster", Stateful: true},
		{Action: changeset.Add, LogicalID: "FileSystem", Type: "AWS::EFS::FileSystem", Stateful: true},
		{Action: changeset.Add, LogicalID: "MountTargetA", Type: "AWS::EFS::MountTarget"},
	}},
}}}

// happen has a view see what happens, until an event when that is not negative.
func happen(view terminal.View, until int) {
	for i, h := range happening {
		if i == until {
			return
		}
		h.Event.Time = time.Now()
		view.Event(h.Event)
		time.Sleep(h.then)
	}
}

func typical(resourceType string, phase status.Phase) (time.Duration, bool) {
	return 10 * time.Minute, resourceType == "AWS::RDS::DBCluster" && phase == "CREATE"
}

// shown plays what a program wrote on a terminal that knows two escapes, and gives what stands there in the end and the highest block
// that was ever drawn anew.
func shown(t *testing.T, written string) (lines []string, highest int) {
	t.Helper()
	lines = []string{""}
	for written != "" {
		var up int
		switch {
		case strings.HasPrefix(written, "\r\x1b["):
			if n, err := fmt.Sscanf(written, "\r\x1b[%dA", &up); n != 1 {
				up = 1
				if !strings.HasPrefix(written, "\r\x1b[A") {
					t.Fatalf("unknown escape %q: %v", written[:10], err)
				}
			}
			highest = max(highest, up)
			if up >= len(lines) {
				t.Fatalf("the cursor goes up %d lines of %d", up, len(lines))
			}
			lines = lines[:len(lines)-up]
			lines[len(lines)-1] = ""
			_, written, _ = strings.Cut(written, "A")
			rest, ok := strings.CutPrefix(written, ansi.EraseScreenBelow)
			if !ok {
				t.Fatalf("what was there is not erased: %q", written[:10])
			}
			written = rest
		default:
			text, rest, ok := strings.Cut(written, "\n")
			lines[len(lines)-1] += text
			if ok {
				lines = append(lines, "")
			}
			written = rest
		}
	}
	return lines, highest
}

func TestATerminalShowsWhatRuns(t *testing.T) {
	for name, until := range map[string]int{"live-running.txt": 8, "live-failed.txt": 11, "live-ended.txt": -1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				screen, _, err := screen()
				screen.Size, screen.Typical = func() (int, int) { return 100, 24 }, typical
				view := screen.View()
				view.Plan(planned, caller)
				err.Reset()
				happen(view, until)
				view.Stop()
				lines, _ := shown(t, err.String())
				golden(t, name, []byte(strings.Join(lines, "\n")))
			})
		})
	}
}

func TestATreeNeverOutgrowsItsTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen, _, err := screen()
		screen.Size = func() (int, int) { return 40, 6 }
		view := screen.View()
		for i := range 30 {
			view.Event(events.Event{StackID: "d", Path: []string{"Data"}, LogicalID: fmt.Sprintf("AVeryLongLogicalIdOfAResource%d", i), Type: "AWS::EFS::FileSystem", Status: "CREATE_IN_PROGRESS", Time: time.Now()})
			time.Sleep(time.Second)
		}
		view.Stop()
		lines, highest := shown(t, err.String())
		if highest >= 6 || highest < 3 {
			t.Errorf("a block of %d lines was drawn on a terminal of 6", highest)
		}
		for _, line := range lines {
			if ansi.StringWidth(line) >= 40 {
				t.Errorf("a line of %d columns on a terminal of 40 wraps: %q", ansi.StringWidth(line), line)
			}
		}
		if !strings.Contains(strings.Join(lines, "\n"), "and 27 more") {
			t.Errorf("nothing says what is not shown:\n%s", strings.Join(lines, "\n"))
		}
	})
}

// A nested stack's own event may be read before its parent's, which says the same: the line is written all the same, and once.
func TestANestedStacksBeginningIsWrittenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen, _, errs := screen()
		view := screen.View()
		own := events.Event{
			Path: []string{"App"}, LogicalID: "site-App-1", PhysicalID: "arn:app", StackID: "arn:app", StackName: "site-App-1",
			Type: events.StackType, Status: "UPDATE_IN_PROGRESS", Time: time.Now(),
		}
		parents := own
		parents.Path, parents.LogicalID, parents.StackID = nil, "App", "arn:root"
		for _, e := range []events.Event{own, parents, parents} {
			view.Event(e)
		}
		view.Stop()
		if n := strings.Count(errs.String(), "UPDATE_IN_PROGRESS    App "); n != 1 {
			t.Errorf("written %d times:\n%s", n, errs)
		}
	})
}

func TestALogBreathes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen, _, err := screen()
		screen.Typical = typical
		view := screen.View()
		happen(view, -1)
		view.Stop()
		time.Sleep(5 * time.Minute)
		golden(t, "log.txt", err.Bytes())
	})
}

// TestAClockThatIsWrongIsNoTime shows that elapsed times are CloudFormation's: this machine's clock is an hour ahead.
func TestAClockThatIsWrongIsNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen, _, err := screen()
		view := screen.View()
		view.Event(events.Event{StackID: "d", Path: []string{"Data"}, LogicalID: "Database", Type: "AWS::RDS::DBCluster", Status: "CREATE_IN_PROGRESS", Time: time.Now().Add(-time.Hour)})
		time.Sleep(61 * time.Second)
		view.Stop()
		if !strings.Contains(err.String(), "Data/Database for 1:0") {
			t.Errorf("got %q", err)
		}
	})
}

func TestAStreamSaysEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen, out, errs := screen()
		screen.Streams = true
		view := screen.View()
		view.Step("planning")
		view.Plan(planned, caller)
		happen(view, -1)
		cause := happening[9].Event
		cause.ID, cause.Time = "1", time.Now()
		view.Failed(operation.Failure{
			Site: "moodle-prod", FailedDeletions: []events.Event{{Path: []string{"Data"}, LogicalID: "FileSystem", Type: "AWS::EFS::FileSystem", Time: time.Now()}},
			Diagnosis: diagnosis.Explain(cause, []events.Detail{{LogicalID: "Database", Kind: "VALIDATION_ERROR", Reason: "no"}}, diagnosis.Place{Environment: "prod", Site: "moodle-prod", Region: "eu-central-1"}),
		})
		view.Inventory(&inventory.Inventory{Site: "moodle-prod", Stacks: 4, Holdings: []inventory.Holding{{Path: []string{"Data"}, LogicalID: "Database", Type: "AWS::RDS::DBCluster", PhysicalID: "db-1", PolicyAction: changeset.PolicySnapshot, Stateful: true}}})
		view.Remedy("moodle-prod", &recovery.Remedy{
			Status: "ROLLBACK_FAILED", Condition: condition.Condition{Meaning: "stuck", Action: condition.DeleteStack, Steps: []string{"delete"}},
			BlockedBy: []recovery.Blocker{{Name: "Data/Database", Type: "AWS::RDS::DBCluster"}},
		})
		view.NoChanges(&manifest.Manifest{Site: "moodle-prod"})
		view.Outputs(given)
		view.Stop()
		view.Done("deployed")
		screen.End(outcome.Errorf(outcome.RolledBack, "it failed").Advise("try again"))
		if errs.Len() > 0 {
			t.Errorf("a stream is all there is, but standard error got %q", errs)
		}
		golden(t, "stream.jsonl", out.Bytes())
		for line := range bytes.Lines(out.Bytes()) {
			var event struct {
				Version int
				Event   string
				At      time.Time
			}
			if err := json.Unmarshal(line, &event); err != nil || event.Version != terminal.StreamVersion || event.Event == "" || event.At.IsZero() {
				t.Errorf("%s is no event: %v", line, err)
			}
		}
	})
}
