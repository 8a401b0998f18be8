package page

import (
	_ "embed"
	"fmt"
	"slices"
	"time"

	h "distributed-moodle/internal/deploy/history/page/markup"
)

//go:embed style.css
var style string

// html is the whole page. The policy lets a browser load nothing and run nothing, so that a mistake here would still
// harm nobody.
func (d drawing) html() h.HTML {
	title := fmt.Sprintf("%s: %s, %s UTC", d.Site, d.What, d.Timeline.Began.UTC().Format("2006-01-02 15:04"))
	head := h.El("head", h.Literal(`
<meta charset="utf-8">
<meta name="generator" content="deploy history">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
`), h.El("title", h.Text(title)), h.Literal("\n"), h.Style(style), h.Literal("\n"))
	main := []h.HTML{d.chart()}
	if len(d.Steps) > 0 {
		main = slices.Insert(main, 0, d.path())
	}
	if d.Cause != nil {
		main = slices.Insert(main, 0, d.Cause.html())
	}
	body := lines(d.definitions(), d.header(), h.El("main", lines(main...)), d.footer())
	return h.Join(
		h.Literal("<!DOCTYPE html>\n"), h.El(`html lang="en"`, lines(head, h.El("body", body))), h.Literal("\n"),
	)
}

// lines puts elements on lines of their own.
func lines(elements ...h.HTML) h.HTML {
	return h.Join(h.Literal("\n"), h.Each(elements, func(e h.HTML) h.HTML { return e }))
}

// either is a or b.
func either(isA bool, a, b string) string {
	if isA {
		return a
	}
	return b
}

// definitions are what is drawn more than once: the hatch of what failed, the lines of the time axis.
func (d drawing) definitions() h.HTML {
	hatch := h.Literal(
		`<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
			`<path d="M0 0V6" class="stroke"/></pattern>`,
	)
	grid := h.El(`symbol id="grid"`, h.Each(d.Ticks, func(t tick) h.HTML {
		return h.El(`line class="grid" y1="0" y2="100%"`, h.Attr("x1", t.X.String()), h.Attr("x2", t.X.String()))
	}))
	return h.El(`svg class="defs" aria-hidden="true"`, h.El("defs", lines(hatch, grid)))
}

func (d drawing) header() h.HTML {
	running := d.Timeline.Running
	by := ""
	if d.Who != "" {
		by = " by " + d.Who
	}
	class := either(running, "running", either(d.Well, "well", "ill"))
	result := string(d.Result) + either(running, " for ", " after ") + Took(d.Timeline.Took())
	elements := []h.HTML{
		h.El(`p class="site"`, h.Text(d.Site, " "), h.El("span", h.Text("account ", d.Account, ", ", d.Region))),
		h.El("h1", h.Text(d.What, by, ": "), h.El("em", h.Class(class), h.Text(result))),
	}
	if d.Note != "" {
		elements = append(elements, h.El(`p class="note"`, h.Text(d.Note)))
	}
	about := func(what string, is h.HTML) h.HTML { return h.El("div", h.El("dt", h.Text(what)), h.El("dd", is)) }
	elements = append(elements, h.El("dl", lines(
		about("Began", moment(d.Timeline.Began)),
		about(either(running, "Looked at", "Ended"), moment(d.Timeline.Ended)),
		about("Status", h.Text(string(d.Status))))))
	return h.El("header", lines(elements...))
}

func moment(t time.Time) h.HTML {
	return h.El(
		"time", h.Attr("datetime", t.UTC().Format(time.RFC3339)), h.Text(t.UTC().Format("2006-01-02 15:04:05"), " UTC"),
	)
}

func (c *Cause) html() h.HTML {
	elements := []h.HTML{
		h.El(`h2 id="cause"`, h.Text("The first cause")),
		h.El(
			"p", h.El("strong", h.Text(c.Name)), h.Text(" "), h.El(`span class="type"`, h.Text(c.Type)),
			h.Text(" ", string(c.Status)),
		),
		h.El("blockquote", h.Text(c.Reason)),
	}
	if c.Meaning != "" {
		elements = append(elements, h.El("p", h.Text(c.Meaning)))
	}
	if c.Advice != "" {
		elements = append(elements, h.El(`p class="advice"`, h.Text("What to do: ", c.Advice)))
	}
	return h.El(`section class="cause" aria-labelledby="cause"`, lines(elements...))
}

// path is the critical path: as a strip, and as a table.
func (d drawing) path() h.HTML {
	strip := h.El(`svg class="strip" role="img" aria-labelledby="strip"`,
		h.Literal(`<title id="strip">The critical path over the time of the operation</title>`+"\n"),
		h.Literal(`<rect class="rail" x="0" y="0" width="100%" height="100%"/>`+"\n"),
		h.Each(d.Steps, step.bar))
	return h.El(`section aria-labelledby="path"`, lines(
		h.El(
			`h2 id="path"`,
			h.Text(either(d.Timeline.Running, "What it has waited for", "What determined how long it took")),
		),
		h.El(`p class="hint"`, h.Text("The critical path: each began only after the one before it had ended. "+
			"What is not in it could have taken longer and nobody would have waited.")),
		strip,
		h.El("table", lines(
			h.Literal(
				`<thead><tr><th scope="col">Resource</th><th scope="col">What</th><th scope="col" class="number">At</th>`+
					`<th scope="col" class="number">Waited before</th><th scope="col" class="number">Took</th></tr></thead>`,
			),
			h.El("tbody", h.Literal("\n"), h.Each(d.Steps, step.row)),
		)),
	))
}

func (s step) bar() h.HTML {
	x, width := h.Attr("x", s.X.String()), h.Attr("width", s.Width.String())
	words := h.El("title", h.Text(s.Name, ": ", s.Words))
	return h.Join(
		h.El(`rect y="0" height="100%"`, h.Class("bar", s.Class, "critical"), x, width, words),
		h.If(
			s.Label != "",
			h.El(`svg height="100%" aria-hidden="true"`, x, width, h.El(`text x="6" y="70%"`, h.Text(s.Label))),
		),
	)
}

func (s step) row() h.HTML {
	waited := "–"
	if s.Waited != 0 {
		waited = Took(s.Waited)
	}
	number := func(words h.HTML) h.HTML { return h.El(`td class="number"`, words) }
	return h.El("tr",
		h.El("td", h.Text(s.Name, " "), h.El(`span class="type"`, h.Text(s.Type))), h.El("td", h.Text(s.Verb)),
		number(h.Text(short(s.After))), number(h.Text(waited)), number(h.El("strong", h.Text(Took(s.Took)))))
}

// chart is every resource in its stack, below the time axis.
func (d drawing) chart() h.HTML {
	legend := h.El(
		`ul class="legend"`,
		h.Literal("\n"),
		h.Each(d.Counts, count.html),
		h.Literal(
			`<li><svg class="key" aria-hidden="true"><rect class="bar done critical" width="100%" height="100%"/></svg>`+
				"critical path</li>\n",
		),
	)
	axis := h.El(`div class="axis line" aria-hidden="true"`,
		h.Literal(`<span class="label">after the beginning<br>UTC</span>`),
		h.El(`svg class="track"`, h.Literal("\n"), h.Each(d.Ticks, tick.html)),
		h.Literal(`<span class="time">took</span>`))
	return h.El(`section class="chart" aria-labelledby="all"`, lines(
		h.El(`h2 id="all"`, h.Text("Every resource")), legend, axis, d.Root.html()))
}

func (c count) html() h.HTML {
	key := h.El(`svg class="key" aria-hidden="true"`, h.El(`rect width="100%" height="100%"`, h.Class("bar", c.Class)),
		h.If(hatched(c.Class), h.Literal(`<rect class="hatch" width="100%" height="100%"/>`)))
	return h.El("li", key, h.Text(fmt.Sprintf("%s (%d)", c.Name, c.Count)))
}

// hatched reports whether bars of a class differ by more than their colour.
func hatched(class string) bool {
	return slices.Contains([]string{"failed", "cancelled", "unfinished"}, class)
}

func (t tick) html() h.HTML {
	last := either(t.Last, "last", "")
	return h.Join(
		h.El(`text y="1.05em"`, h.Attr("x", t.X.String()), h.Class(last), h.Text(short(t.After))),
		h.El(`text y="2.3em"`, h.Attr("x", t.X.String()), h.Class("utc", last), h.Text(clock(t.At))))
}

func (g group) html() h.HTML {
	return h.El("details open", h.Class(fmt.Sprint("depth", g.Depth)), h.Literal("\n"),
		h.El("summary", h.Class("line", "stack", either(g.Cause, "cause", "")), g.row.html(g.Count)), h.Literal("\n"),
		h.Each(g.Rows, func(r row) h.HTML {
			return h.El(
				"div", h.Class("line", either(r.Critical, "critical", ""), either(r.Cause, "cause", "")), r.html(0),
			)
		}),
		h.Each(g.Groups, group.html))
}

// html is a resource's line, or that of a stack with so many resources.
func (r row) html(resources int) h.HTML {
	kind := r.Type
	if resources > 0 {
		kind = fmt.Sprintf("%d resources", resources)
	}
	thread := h.El(`line class="thread" y1="50%" y2="50%"`, h.Attr("x1", r.From.String()), h.Attr("x2", r.To.String()))
	return h.Join(
		h.El(`span class="label"`, h.If(r.Cause, h.Literal(`<b class="flag">first cause</b> `)),
			h.El(`span class="name"`, h.Text(r.Name)), h.Text(" "), h.El(`span class="type"`, h.Text(kind))),
		h.El(`svg class="track" role="img"`,
			lines(h.El("title", h.Text(r.Words)), h.Literal(`<use href="#grid" width="100%" height="100%"/>`)),
			h.If(len(r.Pieces) > 1, thread),
			h.Each(r.Pieces, piece.html)),
		h.El(`span class="time"`, h.Text(Took(r.Took))))
}

func (p piece) html() h.HTML {
	x, width := h.Attr("x", p.X.String()), h.Attr("width", p.Width.String())
	return h.Join(
		h.El(`rect y="15%" height="70%"`, h.Class("bar", p.Class, either(p.Critical, "critical", "")), x, width,
			h.El("title", h.Text(p.Words))),
		h.If(hatched(p.Class), h.El(`rect class="hatch" y="15%" height="70%"`, x, width)))
}

func (d drawing) footer() h.HTML {
	drawn := d.Looked.UTC().Format("2006-01-02 15:04:05")
	return h.El(
		"footer",
		h.El("p", h.Text("Drawn ", drawn, " UTC from CloudFormation's events, which it keeps for 90 days. "+
			"Times are those of the events: CloudFormation may see the end of something a little after it happened. "+
			"The critical path is derived from the order of the events, not from the templates.")),
	)
}
