package terminal

import (
	"fmt"

	"github.com/charmbracelet/x/ansi"

	"distributed-moodle/internal/deploy/proof"
)

// Proof prints what was asked of a site and what that shows, then the commands of what no program shows.
func (t *Terminal) Proof(p *proof.Proof, file string) {
	width := 0
	for _, row := range p.Rows {
		width = max(width, ansi.StringWidth(row.ID))
	}
	for _, row := range p.Rows {
		fmt.Fprintf(t.Out, "%-9s  %s", row.Result, pad(row.ID, width))
		if row.Result == proof.Shown {
			fmt.Fprintf(t.Out, "  %s\n", answers(len(row.Answers)))
			continue
		}
		fmt.Fprintf(t.Out, "  expected: %s\n", row.Expected)
		if row.Why != "" {
			fmt.Fprintf(t.Out, "%s%s\n", pad("", width+13), row.Why)
		}
	}
	for _, changes := range []bool{false, true} {
		t.toType(p.ToType, changes)
	}
	where := ""
	if p.Endpoint != "" {
		where = ", answered by " + p.Endpoint + " and not by AWS"
	}
	fmt.Fprintf(
		t.Out, "\n%s: %d shown, %d not shown, %d unknown, %d for you to show; %s%s\n", p.Site, p.Count(proof.Shown),
		p.Count(proof.NotShown), p.Count(proof.Unknown), len(p.ToType), file, where,
	)
}

func answers(n int) string {
	if n == 1 {
		return "by 1 resource"
	}
	return fmt.Sprintf("by %d resources", n)
}

// toType prints the commands that change something, or those that do not.
func (t *Terminal) toType(all []proof.Command, changes bool) {
	title := "\nfor you to ask; these change nothing:"
	if changes {
		title = "\nfor you to try; these change something, so choose where:"
	}
	fmt.Fprintln(t.Out, title)
	for _, c := range all {
		if c.Changes == changes {
			fmt.Fprintf(t.Out, "  %s (needs %s)\n    %s\n    expected: %s\n", c.ID, c.Needs, c.Command, c.Expected)
		}
	}
}
