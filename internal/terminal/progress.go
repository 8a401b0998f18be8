package terminal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"distributed-moodle/internal/deployment"
	"distributed-moodle/internal/events"
	"distributed-moodle/internal/manifest"
)

// Course shows an operation as it goes: one line an event that matters.
type Course struct {
	*Terminal
	began time.Time // of the first event, by CloudFormation's clock
}

// NoChanges says that there is nothing to do.
func (t *Terminal) NoChanges(m *manifest.Manifest) {
	fmt.Fprintf(t.Err, "no changes: %s is what %s says\n", m.Site, m.Source)
}

// Event shows one event.
func (c *Course) Event(e events.Event) {
	if c.began.IsZero() {
		c.began = e.Time
	}
	if beside(e) {
		return
	}
	name := strings.Join(e.Path, "/")
	if !e.OfStack() {
		name = strings.Join(append(append([]string{}, e.Path...), e.LogicalID), "/")
	} else if name == "" {
		name = e.StackName
	}
	line := fmt.Sprintf("%6s  %s  %s  %s", elapsed(e.Time.Sub(c.began)), pad(c.status(e), 20), pad(name, nameWidth), c.Paint.dim(e.Type))
	if e.Reason != "" && e.Reason != "User Initiated" {
		line += "  " + e.Reason
	}
	fmt.Fprintln(c.Err, line)
}

// nameWidth holds most of what stands in its column; a longer name moves the rest of its line.
const nameWidth = 36

// beside says whether an event only repeats what another one says: the second "in progress" of a resource that now has an id,
// and what a nested stack says of itself, which its parent says too.
func beside(e events.Event) bool {
	switch {
	case e.OfStack() && len(e.Path) > 0:
		return !e.Failed()
	case e.Running():
		return strings.HasPrefix(e.Reason, "Resource creation Initiated") || strings.HasPrefix(e.Reason, "Eventual consistency")
	}
	return false
}

func (c *Course) status(e events.Event) string {
	switch {
	case e.Failed() && !e.Cancelled(), strings.Contains(e.Status, "ROLLBACK"):
		return c.Paint.red(e.Status)
	case e.Running(), e.Cancelled():
		return c.Paint.dim(e.Status)
	}
	return c.Paint.green(e.Status)
}

// elapsed is a time as minutes and seconds.
func elapsed(d time.Duration) string {
	seconds := int(d.Seconds())
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// Failed shows the first real cause of a failure, and what is left of what should have gone.
func (c *Course) Failed(f deployment.Failure) {
	if f.Cause.ID != "" {
		c.cause(f)
	}
	if len(f.Left) == 0 {
		return
	}
	fmt.Fprintln(c.Err, c.Paint.red("could not be deleted:"))
	for _, e := range f.Left {
		fmt.Fprintf(c.Err, "  %s  %s  %s\n", strings.Join(append(append([]string{}, e.Path...), e.LogicalID), "/"), c.Paint.dim(e.Type), e.Reason)
	}
	fmt.Fprintln(c.Err)
}

func (c *Course) cause(f deployment.Failure) {
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
	line("status", cause.Status)
	line("reason", cause.Reason)
	for _, d := range f.Details {
		line("detail", strings.Join(slices.DeleteFunc([]string{d.Name, d.Path, d.Reason}, func(s string) bool { return s == "" }), "  "))
	}
	line("note", f.Note)
	line("meaning", f.Meaning)
	line("to do", f.Advice)
	fmt.Fprintln(c.Err)
}

// Settle ends the redrawing.
func (c *Course) Settle() {}

// CancelsOnInterrupt says whether --cancel-on-interrupt was given.
func (t *Terminal) CancelsOnInterrupt() bool { return t.Cancels }
