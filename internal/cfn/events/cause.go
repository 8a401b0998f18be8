package events

import (
	"slices"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/status"
)

// Causes collects the failures of an operation from its events: at most two per stack, and some of the resources that
// could not be deleted.
type Causes struct {
	stacks map[string]*failures // by path
	left   []Event
}

// mostLeft is how many failed deletions are kept. For more of them there is the AWS console.
const mostLeft = 20

type failures struct {
	resource Event // the earliest failure of a resource, without cancellations
	stack    Event // the earliest event in which the stack itself says why it failed
}

// rollbackBegins are the statuses whose reason says why a stack rolls back. With some failures (an output, an export, a
// hook) no resource fails at all, and only that reason says why.
var rollbackBegins = map[status.Status]bool{status.RollbackInProgress: true, status.UpdateRollbackInProgress: true}

// Add adds one event.
func (c *Causes) Add(e Event) {
	if c.stacks == nil {
		c.stacks = map[string]*failures{}
	}
	path := e.Path.String()
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

// remember keeps the last event about a resource that could not be deleted: its deletion may be tried more than once in
// one operation.
func (c *Causes) remember(e Event) {
	i := slices.IndexFunc(
		c.left, func(known Event) bool { return known.Name() == e.Name() && known.PhysicalID == e.PhysicalID },
	)
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

// First is the first real cause of a failure of the root stack: its earliest failure that is not a cancellation, or, if
// that is a nested stack, the first cause in it, and so on. False if nothing failed.
//
// Nested stacks are followed by their path: an event about one that failed need not have its id.
func (c *Causes) First() (Event, bool) { return c.first(nil) }

func (c *Causes) first(path address.Path) (Event, bool) {
	f := c.stacks[path.String()]
	switch {
	case f == nil:
		return Event{}, false
	case f.resource.ID == "":
		return f.stack, f.stack.ID != ""
	case f.resource.Type == StackType:
		if deeper, ok := c.first(path.Child(f.resource.LogicalID)); ok {
			return deeper, true
		}
	}
	return f.resource, true
}

// FailedDeletions returns what could not be deleted, in the order of the failures; not nested stacks, but the resources
// in them.
func (c *Causes) FailedDeletions() []Event { return c.left }
