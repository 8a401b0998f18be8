package terminal

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/printable"
)

// Plan shows what a deployment would do, and as whom.
func (t *Terminal) Plan(p *plan.Plan, as account.Caller) { WriteWholePlan(t.Err, t.Paint, p, as) }

// WriteWholePlan writes a plan with all that an administrator has to know before agreeing: what gates found, what the
// internet will reach, what else is good to know, then the changes.
func WriteWholePlan(w io.Writer, paint Paint, p *plan.Plan, as account.Caller) {
	fmt.Fprintf(
		w, "\n%s in account %s, %s, as %s\n", paint.bold(p.Manifest.Site), p.Account, p.Manifest.Region, as.Name(),
	)
	if as.Endpoint != "" {
		fmt.Fprintf(w, "%s\n", paint.yellow("this is not AWS: calls go to "+as.Endpoint))
	}
	fmt.Fprintln(w)
	writeUnchecked(w, paint, p)
	writeFindings(w, paint, p)
	writeWarnings(w, paint, unnamed(p.Changes, p.Findings))
	writeList(w, paint.yellow("will be open to the world:"), p.Opens)
	writeList(w, "good to know:", p.Notes)
	writeChanges(w, paint, p.Changes, p.Unchanged())
}

// writeUnchecked says first of all what CloudFormation has not checked, and why.
func writeUnchecked(w io.Writer, paint Paint, p *plan.Plan) {
	if p.Fallback == nil {
		return
	}
	fmt.Fprintf(
		w, "%s %s: %s\n", paint.red("!"), paint.bold("NOT CHECKED BY CLOUDFORMATION"),
		strings.Join(p.Unchecked(), ", "),
	)
	fmt.Fprintf(w, "    %s\n", printable.Line(p.Fallback.Reason))
	fmt.Fprintf(w, "    %s\n\n", plan.UncheckedMeans)
}

func writeList(w io.Writer, title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(w, "%s\n  %s\n\n", title, strings.Join(printable.Lines(lines), "\n  "))
	}
}

// writeChanges writes a tree of changes: stack by stack, in each the dangerous first, then what is left alone in one
// line.
func writeChanges(w io.Writer, paint Paint, root *changeset.Stack, unchanged []string) {
	root.Walk(func(s *changeset.Stack) { writeStack(w, paint, s) })
	if len(unchanged) > 0 {
		fmt.Fprintln(w, paint.dim("= unchanged: "+strings.Join(unchanged, ", ")))
	}
	fmt.Fprintf(w, "\n%s\n", Summary(root.Count()))
}

func writeWarnings(w io.Writer, paint Paint, dangerous []changeset.Located) {
	for _, f := range dangerous {
		word := "DATA LEFT BEHIND"
		if f.Item.Danger() == changeset.LosesData {
			word = "LOSES DATA"
		}
		fmt.Fprintf(w, "%s %s %s: %s\n", paint.red("!"), paint.bold(word), where(f.Stack, f.Item), consequence(f.Item))
	}
	if len(dangerous) > 0 {
		fmt.Fprintln(w)
	}
}

// consequence says what becomes of a resource that ends.
func consequence(i changeset.Item) string {
	if i.NestedStack() {
		return "the whole stack is removed, with all that is in it"
	}
	what := map[changeset.Action]string{
		changeset.Replace: "replaced by an empty one", changeset.PerhapsReplace: "may be replaced by an empty one",
		changeset.Remove: "it is removed", changeset.Dynamic: "CloudFormation can't say what it will do to it",
	}[i.Action]
	if i.PolicyAction == changeset.PolicyUnknown || i.PolicyAction == "" {
		return what
	}
	return what + ", the old one " + i.PolicyAction.Consequence()
}

func where(s *changeset.Stack, i changeset.Item) string {
	return s.Path.Resource(i.LogicalID).String()
}

func writeStack(w io.Writer, paint Paint, s *changeset.Stack) {
	if len(s.Items) == 0 && (s.Action == changeset.Sync || len(s.Path) == 0) {
		return
	}
	name := s.LogicalID()
	if len(s.Path) > 1 {
		name = s.Path.String()
	}
	fmt.Fprintf(w, "%s %s\n", paint.action(s.Action, string(s.Action)), paint.bold(name))
	if s.Unchecked {
		fmt.Fprintf(w, "  %s\n", paint.red("not checked by CloudFormation: derived from the two templates"))
	}
	if s.Note != "" {
		fmt.Fprintf(w, "  %s\n", paint.dim("CloudFormation notes: "+printable.Line(s.Note)))
	}
	items := slices.Clone(s.Items)
	slices.SortStableFunc(items, func(a, b changeset.Item) int { return cmp.Compare(b.Danger(), a.Danger()) })
	width := 0
	for _, i := range items {
		width = max(width, ansi.StringWidth(i.LogicalID))
	}
	for _, i := range items {
		writeItem(w, paint, i, width)
	}
}

func writeItem(w io.Writer, paint Paint, i changeset.Item, width int) {
	line := fmt.Sprintf(
		"  %s %s  %s", paint.action(i.Action, string(i.Action)), pad(i.LogicalID, width), paint.dim(i.Type),
	)
	if remark := remark(i); remark != "" {
		line += "  " + paint.action(i.Action, remark)
	}
	fmt.Fprintln(w, line)
	if i.Action == changeset.Add {
		return
	}
	for _, p := range i.Properties {
		for _, line := range propertyLines(p) {
			fmt.Fprintf(w, "      %s\n", line)
		}
	}
}

func remark(i changeset.Item) string {
	var remarks []string
	switch i.Action {
	case changeset.Add, changeset.Change:
	default:
		remarks = append(remarks, i.Action.String())
	}
	if i.Stateful && !i.LosesData() {
		remarks = append(remarks, map[changeset.PolicyAction]string{
			changeset.PolicyRetain: "the old one stays", changeset.PolicySnapshot: "a snapshot of the old one stays",
		}[i.PolicyAction])
	}
	if i.LosesData() {
		remarks = append(remarks, "LOSES DATA")
	}
	if i.Uncertain {
		remarks = append(remarks, "may not happen: it follows from another change")
	}
	return strings.Join(slices.DeleteFunc(remarks, func(r string) bool { return r == "" }), ", ")
}

// manyDifferences is how many places of one property are shown.
const manyDifferences = 8

// propertyLines shows a property's change: a line where it is one value, and a line a place in which a whole object
// differs.
func propertyLines(p changeset.Property) []string {
	name, remarks := strings.TrimPrefix(p.Path, "Properties/"), propertyRemarks(p)
	if !p.HasValues {
		return []string{name + remarks}
	}
	all := p.Differences()
	if len(all) == 1 {
		return []string{name + all[0].Path + ": " + value(all[0].Before) + " → " + value(all[0].After) + remarks}
	}
	lines := []string{name + ":" + remarks}
	for i, d := range all {
		if i == manyDifferences {
			return append(lines, fmt.Sprintf("  and %d more places", len(all)-i))
		}
		lines = append(lines, "  "+strings.TrimPrefix(d.Path, ".")+": "+value(d.Before)+" → "+value(d.After))
	}
	return lines
}

func propertyRemarks(p changeset.Property) string {
	remarks := ""
	if p.Cause != "" {
		remarks += " (follows from " + p.Cause + ")"
	}
	switch {
	case p.Recreation == changeset.Always && p.Dynamic:
		remarks += " (forces a replacement if it changes)"
	case p.Recreation == changeset.Always:
		remarks += " (forces a replacement)"
	case p.Recreation == changeset.Conditionally:
		remarks += " (may force a replacement)"
	}
	return remarks
}

// longValue is the greatest length of a value that is printed in a line.
const longValue = 60

func value(v string) string {
	switch {
	case v == "":
		return "(none)"
	case strings.Contains(v, "\n"):
		return fmt.Sprintf("(%d lines)", strings.Count(v, "\n")+1)
	}
	return ansi.Truncate(printable.Text(v), longValue, "…")
}

// Summary counts the changes in one line.
func Summary(count changeset.Count) string {
	var parts []string
	for _, a := range []changeset.Action{
		changeset.Add, changeset.Import, changeset.Change, changeset.PerhapsReplace, changeset.Replace,
		changeset.Remove, changeset.Dynamic, changeset.Sync,
	} {
		if n := count[a]; n > 0 {
			to := "to "
			if a == changeset.Dynamic {
				to = ""
			}
			parts = append(parts, fmt.Sprintf("%c %d %s%s", rune(a), n, to, a))
		}
	}
	if len(parts) == 0 {
		return "no resource changes"
	}
	return strings.Join(parts, ", ")
}
