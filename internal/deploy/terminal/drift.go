package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/deploy/drift"
	"distributed-moodle/internal/printable"
)

// Drift prints what differs from the templates, and what nobody looked at.
func (t *Terminal) Drift(r *drift.Report) {
	for _, d := range r.Drifted {
		fmt.Fprintf(t.Out, "%s  %s  %s  %s\n", d.Name, strings.ToLower(string(d.Status)), d.Type, printable.Line(d.PhysicalID))
		for _, p := range d.Properties {
			expected, actual := p.Expected, p.Actual
			switch p.Kind {
			case types.DifferenceTypeAdd:
				expected = "(nothing)"
			case types.DifferenceTypeRemove:
				actual = "(nothing)"
			}
			fmt.Fprintf(t.Out, "  %s\n    template  %s\n    actual    %s\n", p.Path, printable.Line(expected), printable.Line(actual))
		}
	}
	if len(r.Drifted) > 0 {
		fmt.Fprintln(t.Out)
	}
	fmt.Fprintf(t.Out, "%s: %s", r.Site, r.Clean())
	if len(r.Drifted) > 0 {
		fmt.Fprintf(t.Out, ", %d drifted", len(r.Drifted))
	}
	fmt.Fprintln(t.Out)
	t.unseen(r.Unseen)
}

// unseen says what was not looked at: by reason, since the same holds for many.
func (t *Terminal) unseen(all []drift.Unseen) {
	names := map[string][]string{}
	for _, u := range all {
		names[u.Reason] = append(names[u.Reason], u.Name)
	}
	for _, reason := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(t.Out, "not looked at: %s\n  %s\n", reason, strings.Join(names[reason], ", "))
	}
}

// WriteDriftJSON writes a report as one object.
func WriteDriftJSON(w io.Writer, r *drift.Report) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}
