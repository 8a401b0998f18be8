package changeset

import (
	"cmp"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/address"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// State is the state of a change set.
type State int

// The states of a change set.
const (
	Pending   State = iota // being created
	Ready                  // created; a nested one is also UNAVAILABLE, with "Only executable from the root change set."
	Unchanged              // FAILED, because there is nothing to change: not an error
	Broken                 // FAILED for another reason
	Gone                   // deleted, or being deleted
)

// noChange are the ways in which CloudFormation says that there is nothing to change.
var noChange = []string{"didn't contain changes", "No updates are to be performed"}

// StateOf returns a description's state. A status reason alone does not mean failure: it may be a [WARN].
func StateOf(d *cloudformation.DescribeChangeSetOutput) State {
	switch d.Status {
	case types.ChangeSetStatusCreateComplete:
		return Ready
	case types.ChangeSetStatusFailed:
		for _, text := range noChange {
			if strings.Contains(aws.ToString(d.StatusReason), text) {
				return Unchanged
			}
		}
		return Broken
	case types.ChangeSetStatusDeleteComplete, types.ChangeSetStatusDeleteInProgress, types.ChangeSetStatusDeletePending,
		types.ChangeSetStatusDeleteFailed:
		return Gone
	}
	return Pending
}

// Description is what CloudFormation says of one change set of a tree.
type Description struct {
	Plain    *cloudformation.DescribeChangeSetOutput
	Values   *cloudformation.DescribeChangeSetOutput // with property values; nil when it was not asked for
	Children map[string]*Description                 // of the nested change sets, by logical id
}

// Nested returns the ids of the change sets nested directly in a description, by logical id.
func Nested(d *cloudformation.DescribeChangeSetOutput) map[string]string {
	ids := map[string]string{}
	for _, c := range d.Changes {
		if r := c.ResourceChange; r != nil && aws.ToString(r.ChangeSetId) != "" {
			ids[aws.ToString(r.LogicalResourceId)] = *r.ChangeSetId
		}
	}
	return ids
}

// Build turns the descriptions of a tree of change sets into the model.
func Build(d *Description, holds Holds) *Stack { return build(d, nil, holds) }

func build(d *Description, path address.Path, holds Holds) *Stack {
	s := &Stack{
		Path: path, Name: aws.ToString(d.Plain.StackName), StackID: aws.ToString(d.Plain.StackId),
		ChangeSetID: aws.ToString(d.Plain.ChangeSetId), Action: Sync, Note: note(d),
	}
	for _, c := range merge(d) {
		id := aws.ToString(c.plain().LogicalResourceId)
		if child := d.Children[id]; child != nil {
			nested := build(child, path.Child(id), holds)
			nested.Action = action(c)
			if nested.Action == Change && StateOf(child.Plain) == Unchanged {
				nested.Action = Sync
			}
			s.Children = append(s.Children, nested)
			continue
		}
		s.Items = append(s.Items, item(c, path, holds))
	}
	if len(path) == 0 && (len(s.Items) > 0 || len(s.Children) > 0) {
		s.Action = Change
	}
	return s
}

// note returns the warning of a description without failure.
func note(d *Description) string {
	for _, o := range []*cloudformation.DescribeChangeSetOutput{d.Plain, d.Values} {
		if o != nil && strings.HasPrefix(aws.ToString(o.StatusReason), "[WARN]") {
			return strings.TrimSpace(strings.TrimPrefix(aws.ToString(o.StatusReason), "[WARN]"))
		}
	}
	return ""
}

// descriptions is one resource in the two descriptions; it may be missing in either.
type descriptions struct {
	first, values *types.ResourceChange
	onlyPlain     bool // the resource is missing in the description with values
}

func (b descriptions) plain() *types.ResourceChange { return cmp.Or(b.first, b.values) }

func (b descriptions) each() []*types.ResourceChange {
	return slices.DeleteFunc(
		[]*types.ResourceChange{b.first, b.values}, func(r *types.ResourceChange) bool { return r == nil },
	)
}

// merge combines the two descriptions: the one with values may omit changes that happen, the plain one has no values.
func merge(d *Description) []descriptions {
	var all []descriptions
	at := map[string]int{}
	for _, c := range d.Plain.Changes {
		if r := c.ResourceChange; r != nil {
			at[aws.ToString(r.LogicalResourceId)] = len(all)
			all = append(all, descriptions{first: r, onlyPlain: d.Values != nil})
		}
	}
	if d.Values == nil {
		return all
	}
	for _, c := range d.Values.Changes {
		r := c.ResourceChange
		if r == nil {
			continue
		}
		if i, ok := at[aws.ToString(r.LogicalResourceId)]; ok {
			all[i].values, all[i].onlyPlain = r, false
			continue
		}
		all = append(all, descriptions{values: r})
	}
	return all
}

func item(b descriptions, path address.Path, holds Holds) Item {
	r := b.plain()
	id, kind := aws.ToString(r.LogicalResourceId), aws.ToString(r.ResourceType)
	it := Item{
		Action: action(b), LogicalID: id, PhysicalID: aws.ToString(r.PhysicalResourceId), Type: kind,
		Properties: properties(b), Stateful: holds.Data(path, id, kind),
		Uncertain: b.onlyPlain && r.Action == types.ChangeActionModify,
	}
	for _, attribute := range r.Scope {
		it.Scope = append(it.Scope, string(attribute))
	}
	if it.Action.MayRemoveExisting() {
		it.PolicyAction = worstPolicyAction(b)
	}
	if it.Action == Replace && !certain(it.Properties) {
		it.Action = PerhapsReplace
	}
	return it
}

// certain reports whether a replacement that CloudFormation announces is certain: some property that requires it has a
// new value that is known before execution.
func certain(properties []Property) bool {
	forced, sure := false, false
	for _, p := range properties {
		if p.Recreation == Always {
			forced = true
			sure = sure || !p.Dynamic
		}
	}
	return sure || !forced
}

func action(b descriptions) Action {
	var result Action
	for _, r := range b.each() {
		a := actionOf(r)
		switch {
		case result == 0 || result == a:
			result = a
		default: // the two descriptions disagree about a replacement
			result = PerhapsReplace
		}
	}
	return result
}

func actionOf(r *types.ResourceChange) Action {
	switch r.Action {
	case types.ChangeActionAdd: // may have Replacement True: it is still an add
		return Add
	case types.ChangeActionRemove:
		return Remove
	case types.ChangeActionImport:
		return Import
	case types.ChangeActionSyncWithActual:
		return Sync
	case types.ChangeActionModify:
		switch r.Replacement {
		case types.ReplacementTrue:
			return Replace
		case types.ReplacementConditional:
			return PerhapsReplace
		}
		return Change
	}
	return Dynamic
}

var policyActions = map[types.PolicyAction]PolicyAction{
	types.PolicyActionDelete: PolicyDelete, types.PolicyActionReplaceAndDelete: PolicyDelete,
	types.PolicyActionSnapshot: PolicySnapshot, types.PolicyActionReplaceAndSnapshot: PolicySnapshot,
	types.PolicyActionRetain: PolicyRetain, types.PolicyActionReplaceAndRetain: PolicyRetain,
}

// worstPolicyAction returns the worse one of the two descriptions.
func worstPolicyAction(b descriptions) PolicyAction {
	for _, worst := range []PolicyAction{PolicyDelete, PolicySnapshot, PolicyRetain} {
		for _, r := range b.each() {
			if policyActions[r.PolicyAction] == worst {
				return worst
			}
		}
	}
	return PolicyUnknown
}
