// Package pullrequest writes a plan as a comment on a pull request: Markdown, cut to a comment's length.
//
// What is cut first is what nobody needs to fear: values, then harmless changes. Findings and changes that end
// something which holds data are never cut; a plan that has more of those than a comment holds becomes longer than one.
package pullrequest

import (
	"fmt"
	"strings"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/terminal"
)

// Limit is how many characters a comment on GitHub may have.
const Limit = 65536

// level is how much the comment has; each leaves out more.
type level int

const (
	everything level = iota
	noHarmlessValues
	noHarmless
	noValues
	dangerOnly
	namesOnly
	levels
)

var left = map[level]string{
	noHarmlessValues: "the values of harmless changes",
	noHarmless:       "harmless changes",
	noValues:         "harmless changes, and the values of all others",
	dangerOnly:       "all changes but those that end something which holds data",
	namesOnly:        "all but the names of what was found and of what ends and holds data, also in stacks that go",
}

// Write returns the comment: the fullest one that is not longer than the limit.
func Write(p *plan.Plan, limit int) string {
	text := ""
	for l := range levels {
		if text = write(p, l); len(text) <= limit {
			return text
		}
	}
	return text
}

func write(p *plan.Plan, l level) string {
	var b strings.Builder
	summary := "no changes"
	if p.Changes.Changed() || p.Create {
		summary = terminal.Summary(p.Changes.Count())
	}
	fmt.Fprintf(
		&b, "### %s: %s\n\nAccount %s, %s", code(p.Manifest.Site), summary, code(p.Account), code(p.Manifest.Region),
	)
	open, _ := p.Open() // an acceptance that fits nothing leaves all findings open; the command says so
	if n := len(open); n > 0 {
		fmt.Fprintf(&b, "; **findings that nobody accepted: %d**", n)
	}
	b.WriteString("\n\n")
	if l > everything {
		fmt.Fprintf(
			&b, "> **Cut to fit:** left out are %s. `deploy plan %s` shows the whole plan.\n\n", left[l],
			p.Manifest.Environment,
		)
	}
	unchecked(&b, p)
	findings(&b, p, l)
	dangers(&b, p.Changes, l)
	list(&b, "Will be open to the world", p.Opens, l)
	list(&b, "Good to know", p.Notes, l)
	if l < dangerOnly {
		p.Changes.Walk(func(s *changeset.Stack) { stack(&b, s, l) })
	}
	if same := p.Unchanged(); len(same) > 0 {
		fmt.Fprintf(&b, "Unchanged: %s\n", code(strings.Join(same, ", ")))
	}
	return b.String()
}

// unchecked says what CloudFormation has not checked, and why; it is never cut.
func unchecked(b *strings.Builder, p *plan.Plan) {
	if p.Fallback != nil {
		fmt.Fprintf(
			b, "> ⚠️ **Not checked by CloudFormation:** %s. %s; %s.\n\n", code(strings.Join(p.Unchecked(), ", ")),
			plain(p.Fallback.Reason), plan.UncheckedMeans,
		)
	}
}

func findings(b *strings.Builder, p *plan.Plan, l level) {
	gone := stacksThatGo(p.Changes)
	for _, f := range p.Findings {
		mark := "🛑"
		reason, accepted := p.Reason(f)
		if accepted {
			mark = "✅"
		}
		fmt.Fprintf(b, "- %s **%s** %s", mark, f.Code, code(f.Subject))
		if l < namesOnly || gone[f.Subject] {
			b.WriteString(": " + plain(f.What))
			if accepted {
				b.WriteString("; accepted: " + plain(reason))
			}
			steps(b, f, accepted, l)
		}
		b.WriteString("\n")
	}
	if len(p.Findings) > 0 {
		b.WriteString("\n")
	}
}

// stacksThatGo names the nested stacks that are removed: only the finding lists what is in one.
func stacksThatGo(root *changeset.Stack) map[string]bool {
	gone := map[string]bool{}
	for _, f := range root.Dangerous(changeset.TouchesData) {
		if f.Item.NestedStack() {
			gone[name(f)] = true
		}
	}
	return gone
}

// name is a resource's place in the tree, as a finding names it.
func name(f changeset.Located) string {
	return f.Stack.Path.Resource(f.Item.LogicalID).String()
}

func steps(b *strings.Builder, f gate.Finding, accepted bool, l level) {
	if accepted || l >= dangerOnly {
		return
	}
	for i, step := range f.AllSteps() {
		fmt.Fprintf(b, "\n  %d. %s", i+1, plain(step))
	}
}

// dangers names everything that ends and holds data, also without a finding: this list does not depend on a gate.
func dangers(b *strings.Builder, root *changeset.Stack, l level) {
	dangerous := root.Dangerous(changeset.TouchesData)
	if len(dangerous) == 0 {
		return
	}
	b.WriteString("**Resources with data that are removed or replaced:**\n\n")
	for _, f := range dangerous {
		fmt.Fprintf(b, "- %s", code(name(f)))
		if l < namesOnly {
			fmt.Fprintf(
				b, " %s: %s, the old one %s", code(f.Item.Type), f.Item.Action, f.Item.PolicyAction.Consequence(),
			)
		}
		if f.Item.LosesData() {
			b.WriteString(" **LOSES DATA**")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

func list(b *strings.Builder, title string, lines []string, l level) {
	if len(lines) == 0 || l >= namesOnly {
		return
	}
	fmt.Fprintf(b, "**%s:**\n\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "- %s\n", plain(line))
	}
	b.WriteString("\n")
}

// code is a text between backticks of which it has none as long itself.
func code(text string) string {
	text = strings.ReplaceAll(text, "\n", " ")
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + text + " " + fence
	}
	return fence + text + fence
}

// plainly takes their meaning from the characters that Markdown or GitHub reads something into. A mention would call
// people.
var plainly = strings.NewReplacer(
	"\n",
	" ",
	"\\",
	"\\\\",
	"`",
	"\\`",
	"*",
	"\\*",
	"_",
	"\\_",
	"<",
	"&lt;",
	">",
	"&gt;",
	"|",
	"\\|",
	"[",
	"\\[",
	"]",
	"\\]",
	"#",
	"\\#",
	"~",
	"\\~",
	"@",
	"@<!-- -->",
)

func plain(text string) string { return plainly.Replace(text) }
