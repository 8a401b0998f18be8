package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
)

// compareChildren completes the plan of a root alone with what the templates say of the stacks nested in it.
func (p *Planner) compareChildren(
	current currentState, draft *draft, known *currentReport, root *changeset.Stack,
) error {
	sameTags := draft.Create || maps.Equal(current.stack.Tags, p.tags())
	if !sameTags {
		draft.Notes = append(
			draft.Notes, "the stack's tags change, and with them every resource that takes tags, in place",
		)
	}
	there := nestedOf(known.stacks[0].Old)
	var children []*changeset.Stack
	for _, s := range known.stacks[1:] {
		_, deployed := there[s.Path.LogicalID()]
		if err := comparable(s, deployed); err != nil {
			return outcome.Errorf(outcome.Failed, "compare the templates of %s/%s: %w", p.Site.Site, s.Path, err).
				Advise("nothing was deployed: the templates alone do not show these changes either")
		}
		child := p.compareChild(known.stacks[0], s, known.ids[s.Path.String()])
		if !sameTags && child.Action == changeset.Sync {
			child.Action = changeset.Change
		}
		if deployed {
			draft.Fallback.Deployed[s.Path.String()] = checksumOf(s.Old)
		}
		children = append(children, child)
	}
	draft.Changes = withNested(root, children)
	return nil
}

// comparable reports whether the two templates show what changes: they do not where the deployed one can't be had.
func comparable(s gate.Stack, deployed bool) error {
	if deployed && s.Old.Empty() {
		return fmt.Errorf("the deployed one can't be read")
	}
	for _, t := range []*template.Template{s.Old, s.New} {
		if what := t.UnsupportedSection(); what != "" {
			return fmt.Errorf("they use %s, which only CloudFormation can work out", what)
		}
	}
	return nil
}

// compareChild is the changes of a nested stack, worked out from its templates.
func (p *Planner) compareChild(root, s gate.Stack, id string) *changeset.Stack {
	pair := template.Pair{Path: s.Path, Old: s.Old, New: s.New}
	child := &changeset.Stack{Path: pair.Path, Name: s.Path.String(), StackID: id, Unchecked: true}
	if parts := strings.Split(id, "/"); len(parts) > 1 {
		child.Name = parts[1] // arn:…:stack/NAME/…
	}
	switch {
	case s.Old == nil:
		child.Action = changeset.Add
	case s.New == nil:
		child.Action = changeset.Remove
	default:
		child.Action = changeset.Sync
		pair.MayChange = template.ParametersThatMayChange(root.Old, root.New, s.Path.LogicalID(), s.Old, s.New)
	}
	child.Items = pair.Changes(p.Site.HoldsData)
	if child.Action == changeset.Sync && (len(child.Items) > 0 || !template.SameOutputs(s.Old, s.New)) {
		child.Action = changeset.Change
	}
	return child
}

// withNested puts nested stacks into the place of what a root's own change set says of them, which is nothing. That one
// goes stays said by the root too, where CloudFormation has checked it.
func withNested(root *changeset.Stack, children []*changeset.Stack) *changeset.Stack {
	whole := *root
	whole.Items = slices.DeleteFunc(
		slices.Clone(root.Items),
		func(i changeset.Item) bool { return i.NestedStack() && !i.Action.MayRemoveExisting() },
	)
	whole.Children = children
	return &whole
}

// checksumOf is the checksum of what a template says, whatever its layout.
func checksumOf(t *template.Template) string {
	content, err := json.Marshal(t)
	if err != nil { // never equal to anything
		return err.Error()
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
