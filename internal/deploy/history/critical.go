package history

import (
	"slices"
	"time"

	"distributed-moodle/internal/cfn/status"
)

// chain is what the critical path is looked for in.
type chain struct {
	stacks map[*Bar]*Stack   // the stack that a bar is in
	above  map[*Stack]*Stack // the parent of a stack; none of the root
	leaves map[*Stack][]*Phase
}

// criticalPath works the path out: see [Timeline]. What counts are resources, and nested stacks in which nothing
// happened.
func criticalPath(root *Stack) []*Phase {
	c := chain{stacks: map[*Bar]*Stack{}, above: map[*Stack]*Stack{}, leaves: map[*Stack][]*Phase{}}
	root.Walk(func(s *Stack) {
		for _, b := range s.Bars {
			c.leaf(b, s)
		}
		for _, child := range s.Stacks {
			c.above[child] = s
			if len(child.Bars) == 0 && len(child.Stacks) == 0 {
				c.leaf(&child.Bar, s)
			}
		}
	})
	var path []*Phase
	for p := latest(c.leaves[root], time.Time{}, time.Time{}); p != nil; p = c.before(p) {
		p.Critical = true
		path = append(path, p)
	}
	slices.Reverse(path)
	return path
}

// leaf puts a bar's phases to those of its stack and of all that the stack is in.
func (c *chain) leaf(b *Bar, in *Stack) {
	c.stacks[b] = in
	for s := in; s != nil; s = c.above[s] {
		c.leaves[s] = append(c.leaves[s], b.Phases...)
	}
}

// before finds what a phase waited for; nil when that is nothing.
func (c *chain) before(p *Phase) *Phase {
	until := p.Began
	for s := c.stacks[p.Bar]; s != nil; s = c.above[s] {
		doing := s.doing(until)
		since := doing.Began
		if c.above[s] == nil {
			since = time.Time{}
		}
		if last := latest(c.leaves[s], since, until); last != nil {
			return last
		}
		if !doing.afterAll() {
			until = earlier(until, doing.Began)
		}
	}
	return nil
}

// doing is what a stack does at a time.
func (s *Stack) doing(at time.Time) *Phase {
	doing := s.Phases[0]
	for _, p := range s.Phases {
		if !p.Began.After(at) {
			doing = p
		}
	}
	return doing
}

// afterAll reports whether the stack shares this phase with its whole tree: it enters a cleanup or a rollback and then
// waits.
func (p *Phase) afterAll() bool {
	switch p.Verb {
	case status.Create, status.Update, status.Delete, status.Import:
		return p.Cleanup
	}
	return true
}

// latest is the phase that ended last within two times; a zero time does not limit.
func latest(all []*Phase, since, until time.Time) *Phase {
	var last *Phase
	for _, p := range all {
		switch {
		case p.Critical || p.Outcome == Cancelled:
		case p.Ended.Before(since) || !until.IsZero() && p.Ended.After(until):
		case last == nil || p.decidesBefore(last):
			last = p
		}
	}
	return last
}

// decidesBefore reports whether rather this phase than another determined what came after both.
func (p *Phase) decidesBefore(other *Phase) bool {
	failed, otherFailed := p.Outcome == Failed, other.Outcome == Failed
	switch {
	case !p.Ended.Equal(other.Ended):
		return p.Ended.After(other.Ended)
	case failed != otherFailed:
		return failed
	}
	return p.Began.Before(other.Began)
}
