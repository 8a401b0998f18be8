package terminal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
)

// progressTree is a tree of stacks in the middle of an operation: what has been done in each, and what is on its way. It is pure: events
// go in, lines come out.
type progressTree struct {
	stacks  []*stackRow // the root first, parents before their children, otherwise in the order in which they were seen
	planned map[string]int
	typical Typical
	ahead   time.Duration // how far this machine's clock is ahead of CloudFormation's, the time of a poll included
	heard   bool
}

// Typical is how long something of a resource type usually takes in a phase (CREATE, UPDATE, DELETE); false when nobody knows.
type Typical func(resourceType string, phase status.Phase) (time.Duration, bool)

// isRepeat reports whether an event tells nothing new of a nested stack: its parent says that it has begun, and says it again.
func (r *progressTree) isRepeat(e events.Event) bool {
	path := append(slices.Clone(e.Path), e.LogicalID)
	return e.Child() != "" && slices.ContainsFunc(r.stacks, func(b *stackRow) bool { return b.status == e.Status && slices.Equal(b.path, path) })
}

// stackRow is one stack.
type stackRow struct {
	path   []string
	name   string
	status status.Status // as the stack or its parent last said
	began  time.Time
	last   time.Time
	leaves []resourceRow   // resources on their way, in the order in which they began
	done   map[string]bool // logical ids
	failed int
}

// resourceRow is a resource on its way.
type resourceRow struct {
	logicalID, kind string
	status          status.Status
	began           time.Time
}

func newRunning(typical Typical) *progressTree {
	return &progressTree{planned: map[string]int{}, typical: typical}
}

// setPlanned remembers how many resources a plan touches in each stack.
func (r *progressTree) setPlanned(root *changeset.Stack) {
	root.Walk(func(s *changeset.Stack) {
		items := slices.DeleteFunc(slices.Clone(s.Items), changeset.Item.NestedStack)
		r.planned[strings.Join(s.Path, "/")] = len(items)
	})
}

// apply takes an event in that arrived at a time of this machine.
func (r *progressTree) apply(e events.Event, arrived time.Time) {
	if late := arrived.Sub(e.Time); !r.heard || late < r.ahead {
		r.ahead, r.heard = late, true
	}
	if e.OfStack() {
		r.branch(e.Path, e.StackName).setStatus(e)
		return
	}
	if e.Child() != "" {
		r.branch(append(slices.Clone(e.Path), e.LogicalID), e.LogicalID).setStatus(e)
		return
	}
	if e.Type != events.StackType { // a nested stack without an id is none yet
		r.branch(e.Path, e.StackName).resource(e)
	}
}

func (r *progressTree) branch(path []string, name string) *stackRow {
	for _, b := range r.stacks {
		if slices.Equal(b.path, path) {
			return b
		}
	}
	if n := len(path); n > 0 {
		name = path[n-1]
	}
	b := &stackRow{path: slices.Clone(path), name: name, done: map[string]bool{}}
	at := len(r.stacks)
	for i, other := range r.stacks { // behind everything that is below its parent
		if len(path) > 0 && len(other.path) >= len(path)-1 && slices.Equal(other.path[:len(path)-1], path[:len(path)-1]) {
			at = i + 1
		}
	}
	r.stacks = slices.Insert(r.stacks, at, b)
	return b
}

// setStatus takes a stack's new status. What is counted begins anew when the stack turns to something else, such as a rollback.
func (b *stackRow) setStatus(e events.Event) {
	if e.Status.Phase() != b.status.Phase() && e.Running() {
		b.began, b.done, b.failed = e.Time, map[string]bool{}, 0
	}
	if b.began.IsZero() {
		b.began = e.Time
	}
	b.status, b.last = e.Status, e.Time
	if !e.Running() {
		b.leaves = nil
	}
}

// resource takes what happens to a resource.
func (b *stackRow) resource(e events.Event) {
	at := slices.IndexFunc(b.leaves, func(l resourceRow) bool { return l.logicalID == e.LogicalID })
	switch {
	case e.Running() && at < 0:
		b.leaves = append(b.leaves, resourceRow{e.LogicalID, e.Type, e.Status, e.Time})
		return
	case e.Running():
		b.leaves[at].status = e.Status
		return
	case at >= 0:
		b.leaves = slices.Delete(b.leaves, at, at+1)
	}
	if e.Failed() {
		b.failed++
		return
	}
	b.done[e.LogicalID] = true
}

// lines draws the tree at a time of this machine: a line a stack, folded when it is done, and a line a running resource. At most
// height of them; 0 is no limit.
func (r *progressTree) lines(now time.Time, height int, paint Paint) []string {
	now = now.Add(-r.ahead)
	room := height - len(r.stacks)
	var lines []string
	for _, b := range r.stacks {
		indent := strings.Repeat("  ", len(b.path))
		lines = append(lines, indent+r.stackLine(b, now, paint))
		for i, l := range b.leaves {
			if height > 0 && room <= 1 && i < len(b.leaves)-1 {
				lines = append(lines, paint.dim(fmt.Sprintf("%s    and %d more", indent, len(b.leaves)-i)))
				break
			}
			room--
			lines = append(lines, indent+r.leafLine(b, l, now, paint))
		}
	}
	return lines
}

func (r *progressTree) stackLine(b *stackRow, now time.Time, paint Paint) string {
	mark, until := paint.yellow("…"), now
	switch ended := !b.status.InProgress(); {
	case b.status.Failed(), ended && b.status.InRollback():
		mark, until = paint.red("✗"), b.last
	case ended:
		mark, until = paint.green("✓"), b.last
	}
	line := fmt.Sprintf("%s %s  %s  %s", mark, pad(paint.bold(b.name), 16), pad(string(b.status), 20), pad(elapsed(until.Sub(b.began)), 6))
	return strings.TrimRight(line+"  "+r.count(b, paint), " ")
}

// count says how much of a stack is done; of how much, only while the plan goes on as it was made.
func (r *progressTree) count(b *stackRow, paint Paint) string {
	count := ""
	n := r.planned[strings.Join(b.path, "/")]
	switch p := b.status.Phase(); {
	case n > 0 && n >= len(b.done) && (p == status.Create || p == status.Update):
		count = fmt.Sprintf("%d of %d", len(b.done), n)
	case len(b.done) > 0:
		count = fmt.Sprintf("%d done", len(b.done))
	}
	if b.failed > 0 {
		count = strings.TrimPrefix(count+paint.red(fmt.Sprintf(", %d failed", b.failed)), ", ")
	}
	return count
}

func (r *progressTree) leafLine(b *stackRow, l resourceRow, now time.Time, paint Paint) string {
	took := elapsed(now.Sub(l.began))
	if usual, ok := r.usual(l); ok {
		took += " of about " + roughly(usual)
	}
	return fmt.Sprintf("    %s  %s  %s  %s", pad(l.logicalID, 24), pad(string(l.status.Phase()), 8), took, paint.dim(l.kind))
}

func (r *progressTree) usual(l resourceRow) (time.Duration, bool) {
	if r.typical == nil {
		return 0, false
	}
	return r.typical(l.kind, l.status.Phase())
}

// heartbeatLine tells in one line what is on its way, the oldest first: the heartbeat of a log.
func (r *progressTree) heartbeatLine(now time.Time) string {
	now = now.Add(-r.ahead)
	type entry struct {
		text  string
		began time.Time
	}
	var all []entry
	for _, b := range r.stacks {
		for _, l := range b.leaves {
			text := strings.Join(append(slices.Clone(b.path), l.logicalID), "/") + " for " + elapsed(now.Sub(l.began))
			if usual, ok := r.usual(l); ok {
				text += " of about " + roughly(usual)
			}
			all = append(all, entry{text, l.began})
		}
	}
	if len(all) == 0 {
		return "still waiting for CloudFormation"
	}
	slices.SortStableFunc(all, func(a, b entry) int { return a.began.Compare(b.began) })
	var texts []string
	for _, e := range all[:min(len(all), 3)] {
		texts = append(texts, e.text)
	}
	line := "still running: " + strings.Join(texts, ", ")
	if more := len(all) - len(texts); more > 0 {
		line += fmt.Sprintf(" and %d more", more)
	}
	return line
}

// roughly is a duration as it is said: 40 s, 12 min.
func roughly(d time.Duration) string {
	if d < 90*time.Second {
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	}
	return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
}

// fit cuts lines to a terminal's width: a line that wraps would move everything that is drawn anew.
func fit(lines []string, width int) []string {
	if width <= 1 {
		return lines
	}
	cut := make([]string, len(lines))
	for i, line := range lines {
		cut[i] = ansi.Truncate(line, width-1, "…")
	}
	return cut
}
