package terminal

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
)

// Progress shows an operation as it goes: on a terminal a tree that is drawn anew in place, with what must be kept above it; elsewhere
// one line an event that matters, and a heartbeat.
type Progress struct {
	*Terminal
	Typical Typical // how long things usually take; nil when nobody knows

	lock  sync.Mutex // the tree, the drawing and what follows
	tree  *progressTree
	block drawing
	pulse *pulse
	drawn time.Time // when the block was drawn last, or a line was printed
	fresh bool      // something is not drawn yet
	began time.Time // of the first event, by CloudFormation's clock
}

// Plan shows a plan, and remembers how much there is to do.
func (c *Progress) Plan(p *plan.Plan, as account.Caller) {
	c.Terminal.Plan(p, as)
	c.lock.Lock()
	defer c.lock.Unlock()
	c.open()
	c.tree.setPlanned(p.Changes)
}

// open makes the tree when there is none yet.
func (c *Progress) open() {
	if c.tree == nil {
		c.tree, c.block.out = newProgressTree(c.Typical), c.Err
	}
}

// NoChanges says that there is nothing to do.
func (t *Terminal) NoChanges(m *manifest.Manifest) {
	fmt.Fprintf(t.Err, "no changes: %s is what %s says\n", m.Site, m.Source)
}

// Event shows one event.
func (c *Progress) Event(e events.Event) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.open()
	if c.began.IsZero() {
		c.began = e.Time
	}
	again := c.tree.isRepeat(e)
	c.tree.apply(e, time.Now())
	c.fresh = true
	if c.Live() {
		if lasting(e) {
			c.draw(c.line(e))
		}
	} else if matters(e) && !again {
		fmt.Fprint(c.Err, c.line(e))
		c.drawn = time.Now()
	}
	if c.pulse == nil {
		c.pulse = startPulse(frame, c.beat)
	}
}

// beat draws the tree when it is not what is drawn, and breaks a long silence where nothing is drawn.
func (c *Progress) beat() {
	c.lock.Lock()
	defer c.lock.Unlock()
	now := time.Now()
	switch {
	case c.Live() && (c.fresh || now.Sub(c.drawn) >= time.Second):
		c.draw("")
	case !c.Live() && now.Sub(c.drawn) >= heartbeat:
		c.drawn = now
		fmt.Fprintf(c.Err, "%6s  %s\n", elapsed(now.Add(-c.tree.clockAhead).Sub(c.began)), c.tree.heartbeatLine(now))
	}
}

func (c *Progress) draw(above string) {
	width, height := c.Size()
	c.fresh, c.drawn = false, time.Now()
	c.block.redraw(above, fit(c.tree.lines(c.drawn, height-1, c.Paint), width))
}

// Stop ends the redrawing.
func (c *Progress) Stop() {
	c.lock.Lock()
	p := c.pulse
	c.pulse = nil
	c.lock.Unlock()
	if p == nil {
		return
	}
	p.end()
	if c.Live() {
		c.draw("")
		c.block.leave()
	}
}

// line is an event as a line of a log.
func (c *Progress) line(e events.Event) string {
	name := strings.Join(e.Path, "/")
	if !e.OfStack() {
		name = e.Name()
	} else if name == "" {
		name = e.StackName
	}
	line := fmt.Sprintf("%6s  %s  %s  %s", elapsed(e.Time.Sub(c.began)), pad(c.status(e), 20), pad(name, nameWidth), c.Paint.dim(e.Type))
	if e.Reason != "" && e.Reason != "User Initiated" {
		line += "  " + e.Reason
	}
	return line + "\n"
}

// nameWidth holds most of what stands in its column; a longer name moves the rest of its line.
const nameWidth = 36

// matters reports whether an event belongs into a log: what the whole site does, what nested stacks begin, and how everything ends. That
// a resource is on its way, the heartbeat tells; what a nested stack says of itself, its parent says too.
func matters(e events.Event) bool {
	switch {
	case e.OfStack():
		return len(e.Path) == 0 || e.Failed()
	case !e.Running():
		return true
	}
	return e.Child() != ""
}

// lasting reports whether an event is to be read when the tree that it was drawn in is long gone.
func lasting(e events.Event) bool { return e.Failed() && !e.Cancelled() }

func (c *Progress) status(e events.Event) string {
	switch {
	case e.Failed() && !e.Cancelled(), e.Status.InRollback():
		return c.Paint.red(string(e.Status))
	case e.Running(), e.Cancelled():
		return c.Paint.dim(string(e.Status))
	}
	return c.Paint.green(string(e.Status))
}

// elapsed is a time as minutes and seconds.
func elapsed(d time.Duration) string {
	seconds := int(d.Seconds())
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// Failed shows the first real cause of a failure, and what is left of what should have gone.
func (c *Progress) Failed(f operation.Failure) {
	if f.Cause.ID != "" {
		c.cause(f)
	}
	if len(f.Left) == 0 {
		return
	}
	fmt.Fprintln(c.Err, c.Paint.red("could not be deleted:"))
	for _, e := range f.Left {
		fmt.Fprintf(c.Err, "  %s  %s  %s\n", e.Name(), c.Paint.dim(e.Type), e.Reason)
	}
	fmt.Fprintln(c.Err)
}

func (c *Progress) cause(f operation.Failure) {
	cause, stack := f.Cause, f.Site
	if len(cause.Path) > 0 {
		stack = strings.Join(cause.Path, "/")
	}
	fmt.Fprintf(c.Err, "\n%s\n", c.Paint.red("the first cause:"))
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(c.Err, "  %s  %s\n", pad(name, 8), text)
		}
	}
	line("stack", stack)
	if !cause.OfStack() {
		line("resource", c.Paint.bold(cause.LogicalID)+"  "+cause.Type)
	}
	line("property", f.Property)
	line("status", string(cause.Status))
	line("reason", cause.Reason)
	for _, d := range f.Details {
		line("detail", strings.Join(slices.DeleteFunc([]string{d.Name, d.Path, d.Reason}, func(s string) bool { return s == "" }), "  "))
	}
	line("note", f.Note)
	line("meaning", f.Meaning)
	line("to do", f.Advice)
	fmt.Fprintln(c.Err)
}

// CancelsOnInterrupt reports whether --cancel-on-interrupt was given.
func (t *Terminal) CancelsOnInterrupt() bool { return t.Cancels }
