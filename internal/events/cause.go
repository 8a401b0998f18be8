package events

// Causes collects the failures of an operation as its events come by, at most two of each stack.
type Causes struct {
	stacks map[string]*failures
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
	f := c.stacks[e.StackID]
	if f == nil {
		f = &failures{}
		c.stacks[e.StackID] = f
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
func (c *Causes) First(root string) (Event, bool) {
	f := c.stacks[root]
	if f == nil {
		return Event{}, false
	}
	if f.resource.ID == "" {
		return f.stack, f.stack.ID != ""
	}
	if child := f.resource.Child(); child != "" {
		if deeper, ok := c.First(child); ok {
			return deeper, true
		}
	}
	return f.resource, true
}
