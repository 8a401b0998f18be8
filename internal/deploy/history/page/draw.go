package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/history"
)

// drawing is the page as it is drawn.
type drawing struct {
	Page
	Ticks  []tick
	Root   group
	Steps  []step // the critical path
	Counts []count
}

// tick is one mark of the time axis.
type tick struct {
	X     percent
	After time.Duration
	At    time.Time
	Last  bool // its label needs room to the right of the axis
}

// percent is a place or a length on the time axis, as SVG takes it.
type percent float64

// String has three decimals: a pixel of a very wide screen.
func (p percent) String() string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.3f", float64(p)), "0"), ".") + "%"
}

// group is a stack with all that is in it.
type group struct {
	row
	Rows   []row
	Groups []group
	Depth  int
}

// row is one bar.
type row struct {
	Name     string
	Type     string
	Words    string // the whole row in words
	Took     time.Duration
	Pieces   []piece
	Critical bool
	Cause    bool
	Outcome  history.Outcome // the worst of it
	From, To percent         // from the first to the last
	Count    int             // of a stack: the resources in it, however deep
}

// piece is one phase in a row.
type piece struct {
	X, Width percent
	Class    string
	Critical bool
	Words    string
}

// step is one member of the critical path.
type step struct {
	piece
	Name   string
	Label  string // within its bar in the strip; "" where there is no room
	Type   string
	Verb   string
	Took   time.Duration
	Waited time.Duration // before it, while nothing of the path ran
	After  time.Duration
}

// count is one line of the legend.
type count struct {
	Name  string
	Class string
	Count int
}

// scale turns times into places.
type scale struct {
	began   time.Time
	whole   time.Duration
	running bool
}

func (s scale) x(t time.Time) percent {
	return percent(100 * float64(t.Sub(s.began)) / float64(s.whole))
}

// least is as narrow as a piece gets: what took no time still happened.
const least percent = 0.35

func draw(p Page) drawing {
	s := scale{p.Timeline.Began, max(p.Timeline.Took(), time.Millisecond), p.Timeline.Running}
	d := drawing{Page: p, Ticks: s.ticks(), Root: s.group(p.Timeline.Root, 0)}
	before := p.Timeline.Began
	for _, phase := range p.Timeline.Path {
		d.Steps = append(d.Steps, s.step(phase, before))
		before = phase.Ended
	}
	d.Counts = counts(p.Timeline)
	return d
}

func (s scale) step(p *history.Phase, before time.Time) step {
	drawn := step{
		piece: s.piece(p), Name: p.Bar.Name(), Type: p.Bar.Type, Verb: verb(p), Took: p.Took(),
		Waited: p.Began.Sub(before), After: p.Began.Sub(s.began),
	}
	const wide, letter percent = 10, 0.9 // of a strip on a screen; what is longer is cut off
	if drawn.Width > wide || drawn.Width > letter*percent(len(p.Bar.LogicalID)) {
		drawn.Label = p.Bar.LogicalID
	}
	return drawn
}

func (s scale) group(stack *history.Stack, depth int) group {
	g := group{row: s.row(&stack.Bar), Depth: depth}
	for _, b := range stack.Bars {
		g.Rows = append(g.Rows, s.row(b))
	}
	g.Count = len(g.Rows)
	for _, child := range stack.Stacks {
		inner := s.group(child, depth+1)
		g.Groups = append(g.Groups, inner)
		g.Count += inner.Count
	}
	return g
}

func (s scale) row(b *history.Bar) row {
	r := row{Name: b.LogicalID, Type: b.Type, Cause: b.Cause, From: s.x(b.Began()), To: s.x(b.Ended())}
	words := []string{b.Name() + ", " + b.Type}
	for _, p := range b.Phases {
		piece := s.piece(p)
		r.Pieces, r.Critical, r.Took = append(r.Pieces, piece), r.Critical || p.Critical, r.Took+p.Took()
		r.Outcome = worse(r.Outcome, p.Outcome)
		words = append(words, piece.Words)
	}
	if b.Cause {
		words = append(words, "the first cause: "+b.Reason)
	}
	r.Words = strings.Join(words, "\n")
	return r
}

// worse keeps what a person must see of two outcomes.
func worse(a, b history.Outcome) history.Outcome {
	order := []history.Outcome{"", history.Done, history.WentBack, history.Cancelled, history.Open, history.Failed}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

func (s scale) piece(p *history.Phase) piece {
	x, end := s.x(p.Began), s.x(p.Ended)
	width := max(end-x, least)
	words := fmt.Sprintf("%s: %s to %s UTC (%s to %s), took %s", p.Status, clock(p.Began), clock(p.Ended),
		short(p.Began.Sub(s.began)), short(p.Ended.Sub(s.began)), Took(p.Took()))
	if p.Outcome == history.Open && s.running {
		words = fmt.Sprintf(
			"%s since %s UTC (%s), for %s so far", p.Status, clock(p.Began), short(p.Began.Sub(s.began)),
			Took(p.Took()),
		)
	}
	if p.Outcome == history.WentBack {
		words += ", taking back"
	}
	if p.Critical {
		words += ", on the critical path"
	}
	if p.Reason != "" {
		words += ": " + p.Reason
	}
	return piece{X: min(x, 100-width), Width: width, Class: class(p), Critical: p.Critical, Words: words}
}

// class is the name of an outcome in the style sheet; what was deleted on purpose has one of its own.
func class(p *history.Phase) string {
	if p.Outcome == history.Done && p.Verb == status.Delete {
		return "removed"
	}
	return strings.ReplaceAll(string(p.Outcome), " ", "-")
}

// verb is what was done, as a person says it.
func verb(p *history.Phase) string {
	text := strings.ToLower(strings.ReplaceAll(string(p.Verb), "_", " "))
	if p.Cleanup {
		text += " cleanup"
	}
	if p.Outcome == history.WentBack {
		text += " (back)"
	}
	return text
}

func counts(t *history.Timeline) []count {
	all := map[string]int{}
	t.Root.Walk(func(s *history.Stack) {
		for _, b := range s.Bars {
			for _, p := range b.Phases {
				all[class(p)]++
			}
		}
	})
	open := "the end is not known"
	if t.Running {
		open = "running"
	}
	var counts []count
	for _, c := range []count{
		{Class: "done", Name: "done"}, {Class: "removed", Name: "deleted"}, {Class: "failed", Name: "failed"},
		{Class: "cancelled", Name: "cancelled"},
		{Class: "went-back", Name: "rolled back"}, {Class: "unfinished", Name: open},
	} {
		if c.Count = all[c.Class]; c.Count > 0 {
			counts = append(counts, c)
		}
	}
	return counts
}

// steps are the distances between ticks that a person can add up, in seconds.
var steps = []int{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400}

// ticks are at most seven marks at even times.
func (s scale) ticks() []tick {
	const most = 6
	var every time.Duration
	for _, seconds := range steps {
		if every = time.Duration(seconds) * time.Second; s.whole <= most*every {
			break
		}
	}
	every *= (s.whole-1)/(most*every) + 1 // of a day and more
	var all []tick
	for after := time.Duration(0); after <= s.whole; after += every {
		at := s.began.Add(after)
		all = append(all, tick{X: s.x(at), After: after, At: at, Last: s.x(at) > 90})
	}
	return all
}
