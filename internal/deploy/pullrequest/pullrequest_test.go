package pullrequest

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/manifest"
)

func drawn(t *rapid.T) *plan.Plan {
	actions := []changeset.Action{changeset.Add, changeset.Change, changeset.Replace, changeset.PerhapsReplace, changeset.Remove, changeset.Dynamic}
	fates := []changeset.PolicyAction{changeset.PolicyDelete, changeset.PolicyRetain, changeset.PolicySnapshot, changeset.PolicyUnknown}
	root := &changeset.Stack{Name: "site", Action: changeset.Change}
	long := strings.Repeat("`x`@y|*", rapid.SampledFrom([]int{1, 50, 2000}).Draw(t, "value"))
	for s := range rapid.IntRange(1, 4).Draw(t, "stacks") {
		child := &changeset.Stack{Path: []string{fmt.Sprint("S", s)}, Action: changeset.Change}
		for i := range rapid.SampledFrom([]int{0, 1, 5, 60}).Draw(t, "items") {
			child.Items = append(child.Items, changeset.Item{
				LogicalID: fmt.Sprintf("R%dx", i), Type: "AWS::EFS::FileSystem", Stateful: rapid.Bool().Draw(t, "stateful"),
				Action: rapid.SampledFrom(actions).Draw(t, "action"), PolicyAction: rapid.SampledFrom(fates).Draw(t, "fate"),
				Properties: []changeset.Property{{Path: "Properties/P", Before: long, After: "b", HasValues: true}},
			})
		}
		root.Children = append(root.Children, child)
	}
	findings := gate.Check(gate.Facts{Changes: root})
	return &plan.Plan{
		Manifest: &manifest.Manifest{Site: "site", Environment: "dev"}, Account: "123456789012", By: "",
		Changes: root, Findings: findings,
	}
}

// No rendering ever loses a finding or something that ends and holds data, at any size; a comment is no longer than it may be
// unless those alone are.
func TestNoRenderingLosesWhatMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		limit := rapid.SampledFrom([]int{Limit, 5000, 300}).Draw(t, "limit")
		comment := Write(p, limit)
		if len(comment) > limit && comment != write(p, namesOnly) {
			t.Fatalf("%d characters, and there is a shorter one", len(comment))
		}
		var screen strings.Builder
		terminal.WriteWholePlan(&screen, false, p, account.Caller{Account: p.Account, ARN: p.By})
		document, err := plan.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		saved, err := plan.Decode(document)
		if err != nil {
			t.Fatal(err)
		}
		if len(saved.Findings) != len(p.Findings) || len(saved.Changes.Dangerous(changeset.TouchesData)) != len(p.Changes.Dangerous(changeset.TouchesData)) {
			t.Fatal("the document lost something")
		}
		for _, f := range p.Changes.Dangerous(changeset.TouchesData) {
			name := strings.Join(f.Stack.Path, "/") + "/" + f.Item.LogicalID
			if !strings.Contains(comment, "- `"+name+"`") || !strings.Contains(screen.String(), name) {
				t.Fatalf("%s is not named", name)
			}
		}
		for _, f := range p.Findings {
			if !strings.Contains(comment, fmt.Sprintf("**%s** `%s`", f.Code, f.Subject)) {
				t.Fatalf("%s is not in the comment", f.Key())
			}
		}
	})
}

func TestWhatIsForeignStaysText(t *testing.T) {
	if got := plain("@team <b> a|b `c`"); got != "@<!-- -->team &lt;b&gt; a\\|b \\`c\\`" {
		t.Error(got)
	}
	if got := code("a `b` c"); got != "`` a `b` c ``" {
		t.Error(got)
	}
}
