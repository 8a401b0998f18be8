package pullrequest

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/terminal"
)

// stack writes the changes of one stack, folded.
func stack(b *strings.Builder, s *changeset.Stack, l level) {
	if len(s.Items) == 0 {
		return
	}
	own := *s
	own.Children = nil
	fmt.Fprintf(
		b, "<details><summary><b>%s</b>: %s</summary>\n\n", html.EscapeString(s.LogicalID()),
		terminal.Summary(own.Count()),
	)
	if s.Unchecked {
		b.WriteString("**Not checked by CloudFormation:** derived from the deployed and the new template.\n\n")
	}
	if s.Note != "" {
		fmt.Fprintf(b, "CloudFormation notes: %s\n\n", plain(s.Note))
	}
	var lines []string
	items := slices.Clone(s.Items)
	slices.SortStableFunc(items, func(a, b changeset.Item) int { return cmp.Compare(b.Danger(), a.Danger()) })
	hidden := 0
	for _, i := range items {
		harmless := i.Danger() == changeset.Harmless
		if harmless && l >= noHarmless {
			hidden++
			continue
		}
		lines = append(lines, item(i)...)
		if i.Action != changeset.Add && l < noValues && (!harmless || l < noHarmlessValues) {
			lines = append(lines, values(i.Properties)...)
		}
	}
	text := strings.Join(lines, "\n")
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if text != "" {
		fmt.Fprintf(b, "%sdiff\n%s\n%s\n", fence, text, fence)
	}
	if hidden > 0 {
		fmt.Fprintf(b, "\nand %d harmless changes\n", hidden)
	}
	b.WriteString("</details>\n\n")
}

func item(i changeset.Item) []string {
	line := fmt.Sprintf("%s (%s)", i.LogicalID, i.Type)
	if i.Uncertain {
		line += ", may not happen: it follows from another change"
	}
	if i.LosesData() {
		line += ", LOSES DATA"
	}
	sign := " "
	switch {
	case i.Action == changeset.Add || i.Action == changeset.Import:
		sign = "+"
	case i.Action.MayRemoveExisting():
		sign = "-"
	}
	return []string{sign + " " + i.Action.String() + " " + line}
}

func values(properties []changeset.Property) []string {
	var lines []string
	for _, p := range properties {
		name := strings.TrimPrefix(p.Path, "Properties/")
		switch p.Recreation {
		case changeset.Always:
			name += " (forces a replacement)"
		case changeset.Conditionally:
			name += " (may force a replacement)"
		}
		if p.Cause != "" {
			name += " (follows from " + p.Cause + ")"
		}
		if !p.HasValues {
			lines = append(lines, "    "+name)
			continue
		}
		name, remarks := strings.TrimPrefix(
			p.Path, "Properties/",
		), strings.TrimPrefix(
			name, strings.TrimPrefix(p.Path, "Properties/"),
		)
		for _, d := range p.Differences() {
			lines = append(lines, value("-", name+d.Path+remarks, d.Before), value("+", name+d.Path+remarks, d.After))
		}
	}
	return lines
}

// value is one side of a property, each of its lines marked.
func value(sign, name, text string) string {
	if text == "" {
		text = "(none)"
	}
	return sign + "     " + name + ": " + strings.ReplaceAll(text, "\n", "\n"+sign+"       ")
}
