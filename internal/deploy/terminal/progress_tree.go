package terminal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
)

// progressTree is a tree of stacks in the middle of an operation: what has been done in each, and what is on its way.
// It is pure: events go in, lines come out.
type progressTree struct {
	stacks     []*stackRow // the root first, parents before their children, otherwise in the order in which they were seen
	planned    map[string]int
	typical    Typical
	clockAhead time.Duration // how far this machine's clock is ahead of CloudFormation's, the time of a poll included
	heard      bool
}

// Typical is how long something of a resource type usually takes in a phase (CREATE, UPDATE, DELETE); false when nobody
// knows.
type Typical func(resourceType string, phase status.Phase) (time.Duration, bool)

// isRepeat reports whether an event has nothing new about a nested stack: its parent reports the beginning twice.
func (t *progressTree) isRepeat(e events.Event) bool {
	path := e.Path.Child(e.LogicalID)
	return e.Child() != "" &&
		slices.ContainsFunc(
			t.stacks, func(row *stackRow) bool { return row.byParent == e.Status && slices.Equal(row.path, path) },
		)
}

// stackRow is one stack.
type stackRow struct {
	path      address.Path
	name      string
	status    status.Status // as the stack or its parent last said
	byParent  status.Status // as its parent last said: its own events may be read before its parent's
	began     time.Time
	last      time.Time
	resources []resourceRow   // resources on their way, in the order in which they began
	done      map[string]bool // logical ids
	failed    int
}

// resourceRow is a resource on its way.
type resourceRow struct {
	logicalID, kind string
	status          status.Status
	began           time.Time
}

func newProgressTree(typical Typical) *progressTree {
	return &progressTree{planned: map[string]int{}, typical: typical}
}

// setPlanned remembers how many resources a plan touches in each stack.
func (t *progressTree) setPlanned(root *changeset.Stack) {
	root.Walk(func(s *changeset.Stack) {
		items := slices.DeleteFunc(slices.Clone(s.Items), changeset.Item.NestedStack)
		t.planned[s.Path.String()] = len(items)
	})
}

// apply takes an event in that arrived at a time of this machine.
func (t *progressTree) apply(e events.Event, arrived time.Time) {
	if late := arrived.Sub(e.Time); !t.heard || late < t.clockAhead {
		t.clockAhead, t.heard = late, true
	}
	if e.OfStack() {
		t.stackRow(e.Path, e.StackName).setStatus(e)
		return
	}
	if e.Child() != "" {
		row := t.stackRow(e.Path.Child(e.LogicalID), e.LogicalID)
		row.setStatus(e)
		row.byParent = e.Status
		return
	}
	if e.Type != events.StackType { // a nested stack without an id is none yet
		t.stackRow(e.Path, e.StackName).resource(e)
	}
}

func (t *progressTree) stackRow(path address.Path, name string) *stackRow {
	for _, row := range t.stacks {
		if slices.Equal(row.path, path) {
			return row
		}
	}
	if n := len(path); n > 0 {
		name = path[n-1]
	}
	row := &stackRow{path: slices.Clone(path), name: name, done: map[string]bool{}}
	at := len(t.stacks)
	for i, other := range t.stacks { // behind everything that is below its parent
		if len(path) > 0 && len(other.path) >= len(path)-1 &&
			slices.Equal(other.path[:len(path)-1], path[:len(path)-1]) {
			at = i + 1
		}
	}
	t.stacks = slices.Insert(t.stacks, at, row)
	return row
}

// setStatus takes a stack's new status. Counting starts again when the stack turns to something else, such as a
// rollback.
func (row *stackRow) setStatus(e events.Event) {
	if e.Status.Phase() != row.status.Phase() && e.Running() {
		row.began, row.done, row.failed = e.Time, map[string]bool{}, 0
	}
	if row.began.IsZero() {
		row.began = e.Time
	}
	row.status, row.last = e.Status, e.Time
	if !e.Running() {
		row.resources = nil
	}
}

// resource takes what happens to a resource.
func (row *stackRow) resource(e events.Event) {
	at := slices.IndexFunc(row.resources, func(l resourceRow) bool { return l.logicalID == e.LogicalID })
	switch {
	case e.Running() && at < 0:
		row.resources = append(row.resources, resourceRow{e.LogicalID, e.Type, e.Status, e.Time})
		return
	case e.Running():
		row.resources[at].status = e.Status
		return
	case at >= 0:
		row.resources = slices.Delete(row.resources, at, at+1)
	}
	if e.Failed() {
		row.failed++
		return
	}
	row.done[e.LogicalID] = true
}

// lines draws the tree at a time of this machine: a line a stack, folded when it is done, and a line a running
// resource. At most height of them; 0 does not limit.
func (t *progressTree) lines(now time.Time, height int, paint Paint) []string {
	now = now.Add(-t.clockAhead)
	room := height - len(t.stacks)
	var lines []string
	for _, row := range t.stacks {
		indent := strings.Repeat("  ", len(row.path))
		lines = append(lines, indent+t.stackLine(row, now, paint))
		for i, l := range row.resources {
			if height > 0 && room <= 1 && i < len(row.resources)-1 {
				lines = append(lines, paint.dim(fmt.Sprintf("%s    and %d more", indent, len(row.resources)-i)))
				break
			}
			room--
			lines = append(lines, indent+t.resourceLine(row, l, now, paint))
		}
	}
	return lines
}

func (t *progressTree) stackLine(row *stackRow, now time.Time, paint Paint) string {
	mark, until := paint.yellow("…"), now
	switch ended := !row.status.InProgress(); {
	case row.status.Failed(), ended && row.status.InRollback():
		mark, until = paint.red("✗"), row.last
	case ended:
		mark, until = paint.green("✓"), row.last
	}
	line := fmt.Sprintf(
		"%s %s  %s  %s", mark, pad(paint.bold(row.name), 16), pad(string(row.status), 20),
		pad(elapsed(until.Sub(row.began)), 6),
	)
	return strings.TrimRight(line+"  "+t.count(row, paint), " ")
}

// count returns how many resources of a stack are done, and of how many while the operation does what was planned.
func (t *progressTree) count(row *stackRow, paint Paint) string {
	count := ""
	n := t.planned[row.path.String()]
	switch p := row.status.Phase(); {
	case n > 0 && n >= len(row.done) && (p == status.Create || p == status.Update):
		count = fmt.Sprintf("%d of %d", len(row.done), n)
	case len(row.done) > 0:
		count = fmt.Sprintf("%d done", len(row.done))
	}
	if row.failed > 0 {
		count = strings.TrimPrefix(count+paint.red(fmt.Sprintf(", %d failed", row.failed)), ", ")
	}
	return count
}

func (t *progressTree) resourceLine(row *stackRow, l resourceRow, now time.Time, paint Paint) string {
	took := elapsed(now.Sub(l.began))
	if usual, ok := t.usual(l); ok {
		took += " of about " + roughly(usual)
	}
	return fmt.Sprintf(
		"    %s  %s  %s  %s", pad(l.logicalID, 24), pad(string(l.status.Phase()), 8), took, paint.dim(l.kind),
	)
}

func (t *progressTree) usual(l resourceRow) (time.Duration, bool) {
	if t.typical == nil {
		return 0, false
	}
	return t.typical(l.kind, l.status.Phase())
}

// heartbeatLine returns one line with what is running, the oldest first: the heartbeat of a log.
func (t *progressTree) heartbeatLine(now time.Time) string {
	now = now.Add(-t.clockAhead)
	type entry struct {
		text  string
		began time.Time
	}
	var all []entry
	for _, row := range t.stacks {
		for _, l := range row.resources {
			text := row.path.Resource(l.logicalID).String() + " for " + elapsed(now.Sub(l.began))
			if usual, ok := t.usual(l); ok {
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

// roughly returns a rounded duration: 40 s, 12 min.
func roughly(d time.Duration) string {
	if d < 90*time.Second {
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	}
	return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
}

// fit cuts lines to a terminal's width: a line that wraps would move everything that is redrawn.
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
