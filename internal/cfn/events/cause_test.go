package events

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"distributed-moodle/internal/cfn/status"
)

// happened adds events to causes, a second apart.
func happened(all ...Event) *Causes {
	c := &Causes{}
	for i, e := range all {
		e.ID, e.Time = e.StackID+string(rune('a'+i)), time.Unix(int64(i), 0)
		c.Add(e)
	}
	return c
}

// paths are the stacks of the tests, by id.
var paths = map[string][]string{"data": {"Data"}, "inner": {"Data", "Inner"}, "app": {"App"}}

func resource(stack, id string, status status.Status, reason string) Event {
	return Event{StackID: stack, Path: paths[stack], LogicalID: id, PhysicalID: "x", Type: bucket, Status: status, Reason: reason}
}

func nested(stack, id, child string, status status.Status, reason string) Event {
	return Event{StackID: stack, Path: paths[stack], LogicalID: id, PhysicalID: child, Type: StackType, Status: status, Reason: reason}
}

func itself(stack string, status status.Status, reason string) Event {
	return nested(stack, stack, stack, status, reason)
}

func TestFirstCause(t *testing.T) {
	for _, test := range []struct {
		name string
		seen *Causes
		want string // stack/logical id: reason
	}{
		{"a resource of the root", happened(
			resource("root", "A", "CREATE_FAILED", "taken"),
			itself("root", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [A]."),
		), "root/A: taken"},
		{"the earliest, though others fail on the way back", happened(
			resource("root", "A", "UPDATE_FAILED", "first"),
			resource("root", "B", "UPDATE_FAILED", "second"),
			resource("root", "C", "DELETE_FAILED", "third"),
		), "root/A: first"},
		{"not a cancellation, even an earlier one", happened(
			resource("root", "B", "CREATE_FAILED", "Resource creation cancelled"),
			resource("root", "C", "UPDATE_FAILED", "Resource update cancelled"),
			resource("root", "A", "CREATE_FAILED", "taken"),
		), "root/A: taken"},
		{"down into nested stacks", happened(
			nested("root", "Data", "data", "CREATE_IN_PROGRESS", ""),
			nested("data", "Inner", "inner", "CREATE_IN_PROGRESS", ""),
			resource("inner", "Database", "CREATE_FAILED", "quota"),
			itself("inner", "CREATE_FAILED", "The following resource(s) failed to create: [Database]."),
			nested("data", "Inner", "inner", "CREATE_FAILED", "Embedded stack inner was not successfully created"),
			resource("data", "Other", "CREATE_FAILED", "Resource creation cancelled"),
			nested("root", "Data", "data", "CREATE_FAILED", "Embedded stack data was not successfully created"),
			nested("root", "App", "app", "CREATE_FAILED", "Resource creation cancelled"),
		), "inner/Database: quota"},
		{"only in the stack's own words", happened(
			resource("root", "A", "CREATE_COMPLETE", ""),
			itself("root", "ROLLBACK_IN_PROGRESS", "Export with name x is already exported by stack y. Rollback requested by user."),
		), "root/root: Export with name x is already exported by stack y. Rollback requested by user."},
		{"only in a nested stack's own words", happened(
			itself("data", "UPDATE_ROLLBACK_IN_PROGRESS", "Export x cannot be deleted as it is in use by y"),
			nested("root", "Data", "data", "UPDATE_FAILED", "Embedded stack data was not successfully updated"),
		), "data/data: Export x cannot be deleted as it is in use by y"},
		{"a nested stack that never came to be", happened(
			nested("root", "Data", "", "CREATE_FAILED", "TemplateURL must be a supported URL."),
		), "root/Data: TemplateURL must be a supported URL."},
	} {
		t.Run(test.name, func(t *testing.T) {
			cause, ok := test.seen.First()
			if got := cause.StackID + "/" + cause.LogicalID + ": " + cause.Reason; !ok || got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if cause, ok := happened(resource("root", "A", "CREATE_COMPLETE", "")).First(); ok {
		t.Errorf("a cause where nothing failed: %v", cause)
	}
}

func TestWhatCouldNotBeDeleted(t *testing.T) {
	c := happened(
		resource("data", "Database", "DELETE_FAILED", "not yet"),
		resource("data", "Database", "DELETE_FAILED", "protected"), // tried again in the same operation
		nested("root", "Data", "data", "DELETE_FAILED", "The following resource(s) failed to delete: [Database]."),
		resource("root", "Key", "DELETE_COMPLETE", ""),
	)
	if left := c.FailedDeletions(); len(left) != 1 || left[0].LogicalID != "Database" || left[0].Reason != "protected" {
		t.Errorf("left %v", left)
	}
}

func TestCausesStayFew(t *testing.T) {
	c := &Causes{}
	for i := range 10_000 {
		e := resource("root", strconv.Itoa(i), "DELETE_FAILED", strings.Repeat("x", 100))
		e.ID, e.Time = "id", time.Unix(int64(i), 0)
		c.Add(e)
	}
	if len(c.stacks) != 1 || len(c.left) != mostLeft {
		t.Errorf("%d stacks and %d failed deletions are remembered", len(c.stacks), len(c.left))
	}
}
