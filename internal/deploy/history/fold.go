package history

import (
	"slices"
	"time"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
)

// fold makes bars from events that come in order.
type fold struct {
	root   *node
	stacks map[string]*node // by path
}

// node is a stack while its events are read. Its own events and its parent's about it are kept apart, for they overlap.
type node struct {
	stack   *Stack
	own     *Bar // from the stack's own events
	parents *Bar // from its parent's events about it
	status  status.Status
	bars    map[string]*Bar
}

func newFold(name string) *fold {
	root := newNode(nil, name, nil)
	return &fold{root: root, stacks: map[string]*node{"": root}}
}

func newNode(within []string, name string, inside []string) *node {
	bar := func() *Bar { return &Bar{Stack: within, LogicalID: name, Type: events.StackType} }
	return &node{stack: &Stack{Inside: inside}, own: bar(), parents: bar(), bars: map[string]*Bar{}}
}

// at is the node of a stack; it may be heard of before its parent has named it.
func (f *fold) at(path address.Path) *node {
	key := path.String()
	if n := f.stacks[key]; n != nil {
		return n
	}
	last := len(path) - 1
	parent := f.at(path[:last])
	n := newNode(slices.Clone(path[:last]), path[last], slices.Clone(path))
	f.stacks[key] = n
	parent.stack.Stacks = append(parent.stack.Stacks, n.stack)
	return n
}

func (f *fold) add(e events.Event) {
	n := f.at(e.Path)
	switch {
	case e.OfStack():
		n.status = e.Status
		n.own.add(e, f.isRollingBack(e.Path))
	case e.Type == events.StackType:
		f.at(e.Path.Child(e.LogicalID)).parents.add(e, f.isRollingBack(e.Path))
	default:
		bar := n.bars[e.LogicalID]
		if bar == nil {
			bar = &Bar{Stack: slices.Clone(e.Path), LogicalID: e.LogicalID, Type: e.Type}
			n.bars[e.LogicalID] = bar
			n.stack.Bars = append(n.stack.Bars, bar)
		}
		bar.add(e, f.isRollingBack(e.Path))
	}
}

// isRollingBack reports whether a stack, or one that it is in, is taking back what was done.
func (f *fold) isRollingBack(path address.Path) bool {
	for depth := range len(path) + 1 {
		if n := f.stacks[path[:depth].String()]; n != nil && n.status.InRollback() {
			return true
		}
	}
	return false
}

// add takes in one event of the bar's resource; back reports whether the stack is rolling back. What had begun before
// that and is done a little later is not part of that.
func (b *Bar) add(e events.Event, back bool) {
	verb := e.Status.Phase()
	last := b.last()
	open := last != nil && last.Outcome == Open
	if open && e.Running() && (verb != last.Verb || e.Status.CleaningUp() != last.Cleanup) {
		last.end(e.Time, wasSuperseded(e.Status))
		open = false
	}
	if !open {
		last = &Phase{
			Bar:         b,
			Began:       e.Time,
			Ended:       e.Time,
			Verb:        verb,
			Cleanup:     e.Status.CleaningUp(),
			Outcome:     Open,
			rollingBack: back,
		}
		b.Phases = append(b.Phases, last)
	}
	last.Status = e.Status
	if e.Running() {
		return
	}
	last.end(e.Time, outcomeOf(e, last.rollingBack))
	if e.Failed() {
		last.Reason = e.Reason
	}
}

func (b *Bar) last() *Phase {
	if len(b.Phases) == 0 {
		return nil
	}
	return b.Phases[len(b.Phases)-1]
}

func (p *Phase) end(at time.Time, outcome Outcome) {
	p.Ended, p.Outcome = later(p.Began, at), outcome
}

// wasSuperseded is how a phase ended that has no last event of its own, by what came after it.
func wasSuperseded(next status.Status) Outcome {
	switch {
	case next.CleaningUp():
		if next.InRollback() {
			return WentBack
		}
		return Done
	case next.InRollback():
		return Failed
	}
	return Cancelled
}

func outcomeOf(e events.Event, back bool) Outcome {
	switch {
	case e.Cancelled():
		return Cancelled
	case e.Failed():
		return Failed
	case back:
		return WentBack
	}
	return Done
}

// tree is all that came by, in the order in which it began.
func (f *fold) tree(t *Timeline) *Stack {
	for _, n := range f.stacks {
		n.finish(t)
	}
	for _, n := range f.stacks {
		slices.SortStableFunc(n.stack.Stacks, func(a, b *Stack) int { return a.Began().Compare(b.Began()) })
	}
	return f.root.stack
}

// finish makes the bar of the stack from its own events, widened by its parent's; from its parent's alone when it has
// none. What has no end reaches to the end of the operation.
func (n *node) finish(t *Timeline) {
	for _, b := range append([]*Bar{n.own, n.parents}, n.stack.Bars...) {
		if p := b.last(); p != nil && p.Outcome == Open {
			p.Ended = t.Ended
		}
	}
	bar := n.own
	if len(bar.Phases) == 0 {
		bar = n.parents
	}
	if len(bar.Phases) == 0 {
		bar.Phases = []*Phase{{Bar: bar, Began: t.Began, Ended: t.Ended, Outcome: Open}}
	}
	n.stack.Bar = *bar
	for _, p := range n.stack.Phases {
		p.Bar = &n.stack.Bar
	}
	if len(n.parents.Phases) > 0 {
		first, last := n.stack.Phases[0], n.stack.last()
		first.Began, last.Ended = earlier(first.Began, n.parents.Began()), later(last.Ended, n.parents.Ended())
	}
}

// mark marks the first cause of a failure.
func (f *fold) mark(cause events.Event) {
	n := f.at(cause.Path)
	bar := n.bars[cause.LogicalID]
	switch {
	case cause.OfStack():
		bar = &n.stack.Bar
	case cause.Type == events.StackType:
		bar = &f.at(cause.Path.Child(cause.LogicalID)).stack.Bar
	}
	bar.Cause, bar.Reason = true, cause.Reason
}
