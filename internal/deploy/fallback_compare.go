package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// compareChildren completes the plan of a root alone with what the templates say of the stacks nested in it. It also
// returns the checksums of what is deployed.
func (r reader) compareChildren(
	current currentState, stacks []gate.Stack, ids map[string]string, root *changeset.Stack,
) (*changeset.Stack, map[string]string, error) {
	sameTags := r.sameTags(current)
	there := nestedOf(stacks[0].Old)
	var children []*changeset.Stack
	compared := map[string]string{}
	for _, s := range stacks[1:] {
		_, deployed := there[s.Path.LogicalID()]
		if err := comparable(s, deployed); err != nil {
			return nil, nil, outcome.Errorf(outcome.Failed, "compare the templates of %s/%s: %w", r.Site.Site, s.Path, err).
				Advise("nothing was deployed: the templates alone do not show these changes either")
		}
		child := r.compareChild(stacks[0], s, ids[s.Path.String()])
		if !sameTags && child.Action == changeset.Sync {
			child.Action = changeset.Change
		}
		if deployed {
			compared[s.Path.String()] = checksumOf(s.Old)
		}
		children = append(children, child)
	}
	return withNested(root, children), compared, nil
}

// sameTags reports whether a plan leaves the tags as they are; a new stack has none yet.
func (r reader) sameTags(current currentState) bool {
	return current.status != operation.Updatable || maps.Equal(current.stack.Tags, r.tags())
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
func (r reader) compareChild(root, s gate.Stack, id string) *changeset.Stack {
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
	child.Items = pair.Changes(r.Site.HoldsData)
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
	return manifest.Checksum(content)
}
