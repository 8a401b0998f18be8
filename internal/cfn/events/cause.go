package events

import (
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/status"
)

// Causes collects the failures of an operation as its events come by: of each stack two at most, and a few of what could not
// be deleted.
type Causes struct {
	stacks map[string]*failures // by path
	left   []Event
}

// mostLeft is how many failed deletions are remembered. Who reads more of them looks into the console.
const mostLeft = 20

type failures struct {
	resource Event // the earliest failure of a resource that is no cancellation
	stack    Event // the earliest event in which the stack itself says why it failed
}

// rollbackBegins are the statuses in which a stack says why it goes back. With some failures (an output, an export, a hook) no
// resource fails at all and the reason stands there alone.
var rollbackBegins = map[status.Status]bool{status.RollbackInProgress: true, status.UpdateRollbackInProgress: true}

// Add looks at one event.
func (c *Causes) Add(e Event) {
	if c.stacks == nil {
		c.stacks = map[string]*failures{}
	}
	path := strings.Join(e.Path, "/")
	f := c.stacks[path]
	if f == nil {
		f = &failures{}
		c.stacks[path] = f
	}
	if e.Status == status.DeleteFailed && e.Type != StackType {
		c.remember(e)
	}
	switch {
	case e.Cancelled():
	case e.OfStack() && e.Reason != "" && (e.Failed() || rollbackBegins[e.Status]):
		f.stack = earlier(f.stack, e)
	case e.Failed() && !e.OfStack():
		f.resource = earlier(f.resource, e)
	}
}

// remember keeps the last word about what could not be deleted: the deletion of a resource may be tried more than once in one operation.
func (c *Causes) remember(e Event) {
	i := slices.IndexFunc(c.left, func(known Event) bool { return known.Name() == e.Name() && known.PhysicalID == e.PhysicalID })
	switch {
	case i >= 0:
		c.left[i] = e
	case len(c.left) < mostLeft:
		c.left = append(c.left, e)
	}
}

func earlier(known, e Event) Event {
	if known.ID == "" || e.Time.Before(known.Time) {
		return e
	}
	return known
}

// First is the first real cause of a failure of the root stack: its earliest failure that is no cancellation, followed down
// into the nested stack that it is about, as deep as there is one. False when nothing failed.
//
// Nested stacks are followed by their path: an event about one that failed need not have its id.
func (c *Causes) First() (Event, bool) { return c.first(nil) }

func (c *Causes) first(path []string) (Event, bool) {
	f := c.stacks[strings.Join(path, "/")]
	switch {
	case f == nil:
		return Event{}, false
	case f.resource.ID == "":
		return f.stack, f.stack.ID != ""
	case f.resource.Type == StackType:
		if deeper, ok := c.first(append(slices.Clone(path), f.resource.LogicalID)); ok {
			return deeper, true
		}
	}
	return f.resource, true
}

// FailedDeletions is what could not be deleted, in the order in which it failed; a nested stack is not among it, but what is in it.
func (c *Causes) FailedDeletions() []Event { return c.left }
