package terminal

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/printable"
)

// Progress shows a running operation: on a terminal a tree that is redrawn in place, with what must be kept above it;
// elsewhere one line an event that matters, and a heartbeat.
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
func (p *Progress) Plan(planned *plan.Plan, as account.Caller) {
	p.Terminal.Plan(planned, as)
	p.lock.Lock()
	defer p.lock.Unlock()
	p.open()
	p.tree.setPlanned(planned.Changes)
}

// open makes the tree when there is none yet.
func (p *Progress) open() {
	if p.tree == nil {
		p.tree, p.block.out = newProgressTree(p.Typical), p.Err
	}
}

// NoChanges says that there is nothing to do.
func (t *Terminal) NoChanges(m *manifest.Manifest) {
	fmt.Fprintf(t.Err, "no changes: %s is what %s says\n", m.Site, m.Source)
}

// Event shows one event.
func (p *Progress) Event(e events.Event) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.open()
	if p.began.IsZero() {
		p.began = e.Time
	}
	again := p.tree.isRepeat(e)
	p.tree.apply(e, time.Now())
	p.fresh = true
	if p.Live() {
		if lasting(e) {
			p.draw(p.line(e))
		}
	} else if matters(e) && !again {
		fmt.Fprint(p.Err, p.line(e))
		p.drawn = time.Now()
	}
	if p.pulse == nil {
		p.pulse = startPulse(frame, p.beat)
	}
}

// beat draws the tree when it is not what is drawn, and breaks a long silence where nothing is drawn.
func (p *Progress) beat() {
	p.lock.Lock()
	defer p.lock.Unlock()
	now := time.Now()
	switch {
	case p.Live() && (p.fresh || now.Sub(p.drawn) >= time.Second):
		p.draw("")
	case !p.Live() && now.Sub(p.drawn) >= heartbeat:
		p.drawn = now
		fmt.Fprintf(p.Err, "%6s  %s\n", elapsed(now.Add(-p.tree.clockAhead).Sub(p.began)), p.tree.heartbeatLine(now))
	}
}

func (p *Progress) draw(above string) {
	width, height := p.Size()
	p.fresh, p.drawn = false, time.Now()
	p.block.redraw(above, fit(p.tree.lines(p.drawn, height-1, p.Paint), width))
}

// Stop ends the redrawing.
func (p *Progress) Stop() {
	p.lock.Lock()
	running := p.pulse
	p.pulse = nil
	p.lock.Unlock()
	if running == nil {
		return
	}
	running.end()
	if p.Live() {
		p.draw("")
		p.block.leave()
	}
}

// line is an event as a line of a log.
func (p *Progress) line(e events.Event) string {
	name := e.Path.String()
	if !e.OfStack() {
		name = e.Name()
	} else if name == "" {
		name = e.StackName
	}
	line := fmt.Sprintf(
		"%6s  %s  %s  %s", elapsed(e.Time.Sub(p.began)), pad(p.status(e), 20), pad(name, nameWidth),
		p.Paint.dim(e.Type),
	)
	if e.Reason != "" && e.Reason != "User Initiated" {
		line += "  " + printable.Line(e.Reason)
	}
	return line + "\n"
}

// nameWidth is wide enough for most names of its column; a longer name moves the rest of its line.
const nameWidth = 36

// matters reports whether an event belongs into a log: what the whole site does, what nested stacks begin, and how
// everything ends. That a resource is on its way, the heartbeat tells; what a nested stack says of itself, its parent
// says too.
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

func (p *Progress) status(e events.Event) string {
	switch {
	case e.Failed() && !e.Cancelled(), e.Status.InRollback():
		return p.Paint.red(string(e.Status))
	case e.Running(), e.Cancelled():
		return p.Paint.dim(string(e.Status))
	}
	return p.Paint.green(string(e.Status))
}

// elapsed is a time as minutes and seconds.
func elapsed(d time.Duration) string {
	seconds := int(d.Seconds())
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// Failed shows the first real cause of a failure, and what is left of what should have gone.
func (p *Progress) Failed(f operation.Failure) {
	if f.Cause.ID != "" {
		p.cause(f)
	}
	if len(f.FailedDeletions) == 0 {
		return
	}
	fmt.Fprintln(p.Err, p.Paint.red("could not be deleted:"))
	for _, e := range f.FailedDeletions {
		fmt.Fprintf(p.Err, "  %s  %s  %s\n", e.Name(), p.Paint.dim(e.Type), printable.Line(e.Reason))
	}
	fmt.Fprintln(p.Err)
}

// atMargin is a line break after which a text from outside would begin where our own lines do.
var atMargin = regexp.MustCompile(`\n(\S)`)

func (p *Progress) cause(f operation.Failure) {
	cause, stack := f.Cause, f.Site
	if len(cause.Path) > 0 {
		stack = cause.Path.String()
	}
	fmt.Fprintf(p.Err, "\n%s\n", p.Paint.red("the first cause:"))
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(p.Err, "  %s  %s\n", pad(name, 8), atMargin.ReplaceAllString(text, "\n            $1"))
		}
	}
	line("stack", stack)
	if !cause.OfStack() {
		line("resource", p.Paint.bold(cause.LogicalID)+"  "+cause.Type)
	}
	line("property", f.Property)
	line("status", string(cause.Status))
	line("reason", cause.Reason)
	for _, d := range f.Details {
		line(
			"detail",
			strings.Join(
				slices.DeleteFunc([]string{d.Name, d.Path, d.Reason}, func(s string) bool { return s == "" }), "  ",
			),
		)
	}
	line("note", f.Note)
	line("meaning", f.Meaning)
	line("to do", f.Advice)
	fmt.Fprintln(p.Err)
}

// CancelsOnInterrupt reports whether --cancel-on-interrupt was given.
func (t *Terminal) CancelsOnInterrupt() bool { return t.Cancels }
