package events

import (
	"slices"
	"strings"
)

// Causes collects the failures of an operation as its events come by, at most two of each stack.
type Causes struct {
	stacks map[string]*failures // by path
}

type failures struct {
	resource Event // the earliest failure of a resource that is no cancellation
	stack    Event // the earliest event in which the stack itself says why it failed
}

// rollbackBegins are the statuses in which a stack says why it goes back. With some failures (an output, an export, a hook) no
// resource fails at all and the reason stands there alone.
var rollbackBegins = map[string]bool{"ROLLBACK_IN_PROGRESS": true, "UPDATE_ROLLBACK_IN_PROGRESS": true}

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
	switch {
	case e.Cancelled():
	case e.OfStack() && e.Reason != "" && (e.Failed() || rollbackBegins[e.Status]):
		f.stack = earlier(f.stack, e)
	case e.Failed() && !e.OfStack():
		f.resource = earlier(f.resource, e)
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
	case f.resource.Type == stackType:
		if deeper, ok := c.first(append(slices.Clone(path), f.resource.LogicalID)); ok {
			return deeper, true
		}
	}
	return f.resource, true
}
