package terminal

import (
	"fmt"
	"io"
	"slices"

	"github.com/charmbracelet/x/ansi"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/printable"
)

// writeFindings writes what gates found, each gate once, with its steps while one finding is not accepted, and with the
// reason of each that is.
func writeFindings(w io.Writer, paint Paint, p *plan.Plan) {
	for _, group := range grouped(p.Findings) {
		fmt.Fprintf(w, "%s %s\n", paint.red("!"), paint.bold(string(group[0].Code)))
		width := 0
		for _, f := range group {
			width = max(width, ansi.StringWidth(f.Subject))
		}
		open := false
		for _, f := range group {
			fmt.Fprintf(w, "    %s  %s\n", pad(f.Subject, width), printable.Line(f.What))
			reason, ok := p.Reason(f)
			if open = open || !ok; ok {
				fmt.Fprintf(w, "    %s  %s\n", pad("", width), paint.green("accepted: "+printable.Line(reason)))
			}
		}
		for i, step := range group[0].AllSteps() {
			if open {
				fmt.Fprintf(w, "      %d. %s\n", i+1, printable.Line(step))
			}
		}
		fmt.Fprintln(w)
	}
}

// grouped puts neighbours of one gate that ask for the same steps together.
func grouped(findings []gate.Finding) [][]gate.Finding {
	var all [][]gate.Finding
	for _, f := range findings {
		if n := len(all); n > 0 && all[n-1][0].Code == f.Code && slices.Equal(all[n-1][0].AllSteps(), f.AllSteps()) {
			all[n-1] = append(all[n-1], f)
			continue
		}
		all = append(all, []gate.Finding{f})
	}
	return all
}

// unnamed are the dangerous changes that no finding names.
func unnamed(root *changeset.Stack, findings []gate.Finding) []changeset.Located {
	named := map[string]bool{}
	for _, f := range findings {
		named[f.Subject] = named[f.Subject] || f.Code == gate.DataLoss
	}
	return slices.DeleteFunc(
		root.Dangerous(changeset.TouchesData), func(f changeset.Located) bool { return named[where(f.Stack, f.Item)] },
	)
}

// WriteGatesJSON writes what gates are about, by their codes.
func WriteGatesJSON(w io.Writer, codes []string) error {
	gates := map[string]string{}
	for _, code := range codes {
		gates[code] = gate.Explain(gate.Code(code))
	}
	return writeJSON(w, gatesJSON{StreamVersion, gates})
}

type gatesJSON struct {
	Version int               `json:"version"`
	Gates   map[string]string `json:"gates"`
}
