// Package history makes pictures of what has happened: an operation's events as bars over its tree of stacks, with the
// chain of them that determined how long it took, and how long a resource of some type usually takes.
//
// It is pure: events in, a model out. Who reads the events is [distributed-moodle/internal/cfn/events].
package history

import (
	"time"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
)

// Timeline is one operation over a tree of stacks.
type Timeline struct {
	Began   time.Time
	Ended   time.Time // of an operation that runs, when it was looked at
	Running bool
	Root    *Stack

	// Path is the critical path, from the first to the last: the phases of resources that determined how long the
	// operation took.
	//
	// It is worked out backwards. Its last member is the phase that ended last. What another one waited for is the
	// phase that had ended last when it began (of some at one instant the failed one, which had everything else stop;
	// else the one that began first): looked for in its own stack, among what ended since that stack has been doing
	// what it does; when there is none, in its parent's tree before the stack began, and so on up to the root. What was
	// cancelled determined nothing, and is left out. This finds what CloudFormation's order means without reading a
	// template, because CloudFormation begins each resource as soon as the last one that it depends on is done; two
	// that happen to follow one another closely look like a chain too.
	Path []*Phase
}

// Took is how long the operation took, or has taken.
func (t *Timeline) Took() time.Duration { return t.Ended.Sub(t.Began) }

// Stack is a stack of the tree: a bar of its own, and those of what is in it.
type Stack struct {
	Bar
	Inside []string // logical ids from the root to this stack; empty for the root
	Bars   []*Bar   // its resources that had events, by when they began
	Stacks []*Stack // nested in it, by when they began
}

// Bar is one resource in time. It has a phase for each thing that was done with it: a creation that went wrong ends in
// a second one, its deletion.
type Bar struct {
	Stack     address.Path // logical ids from the root to the stack that it is in
	LogicalID string       // of the root stack: its name
	Type      string
	Phases    []*Phase // never empty, in order, none begins before the one before it has ended
	Cause     bool     // here is the first real cause of the operation's failure
	Reason    string   // what CloudFormation said of the cause
}

// Began is when the first phase began.
func (b *Bar) Began() time.Time { return b.Phases[0].Began }

// Ended is when the last phase ended.
func (b *Bar) Ended() time.Time { return b.Phases[len(b.Phases)-1].Ended }

// Name is the logical ids of the bar from the root on, with slashes.
func (b *Bar) Name() string { return b.Stack.Resource(b.LogicalID).String() }

// Phase is one thing that was done with a resource.
type Phase struct {
	Bar         *Bar
	Began       time.Time
	Ended       time.Time // never before Began
	Verb        status.Phase
	Cleanup     bool          // it is the deletion of what was replaced, at the end of the operation
	Status      status.Status // the last one of the phase
	Reason      string        // of a failure
	Outcome     Outcome
	Critical    bool // on the critical path
	rollingBack bool // the stack was going back when it began
}

// Took is how long the phase took.
func (p *Phase) Took() time.Duration { return p.Ended.Sub(p.Began) }

// Outcome is how a phase ended.
type Outcome string

// The outcomes of a phase.
const (
	Done      Outcome = "done"
	Failed    Outcome = "failed"
	Cancelled Outcome = "cancelled"  // only because something else had failed
	WentBack  Outcome = "went back"  // done, as a part of a rollback
	Open      Outcome = "unfinished" // runs, or no event tells its end
)

// New draws an operation from the events of its whole tree, in order: see [events.Collect]. Of an operation that runs,
// now is when it is looked at.
func New(o events.Operation, happened []events.Event, now time.Time) *Timeline {
	t := &Timeline{Began: o.Began.Time, Ended: o.Last.Time, Running: o.Running()}
	for _, e := range happened {
		t.Began, t.Ended = earlier(t.Began, e.Time), later(t.Ended, e.Time)
	}
	if t.Running {
		t.Ended = later(t.Ended, now)
	}
	f := newFold(o.Began.StackName)
	var causes events.Causes
	for _, e := range happened {
		f.add(e)
		causes.Add(e)
	}
	t.Root = f.tree(t)
	t.Path = criticalPath(t.Root)
	if cause, ok := causes.First(); ok && o.Failed != "" {
		f.mark(cause)
	}
	return t
}

// Walk visits every stack of a tree, parents first.
func (s *Stack) Walk(visit func(*Stack)) {
	visit(s)
	for _, child := range s.Stacks {
		child.Walk(visit)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
