package cfntest

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// automatic is the detail of a nested stack whose own change set says what changes (nested-shape.json).
var automatic = types.ResourceChangeDetail{
	Target: &types.ResourceTargetDefinition{
		Attribute:          types.ResourceAttributeProperties,
		RequiresRecreation: types.RequiresRecreationNever,
	},
	Evaluation: types.EvaluationTypeDynamic, ChangeSource: types.ChangeSourceAutomatic,
}

// planNested works out the change of a nested stack: by a change set of its own, or, when the root's does not include
// nested stacks, not at all.
func (p *planner) planNested(id string, definition map[string]any) error {
	properties, err := p.scope.properties(definition)
	if err != nil {
		return err
	}
	old := p.stack.resources[id]
	change := types.ResourceChange{
		Action: types.ChangeActionAdd, LogicalResourceId: &id, ResourceType: ptr(stackType),
		Details: []types.ResourceChangeDetail{}, Scope: []types.ResourceAttribute{},
	}
	valued := change
	p.outcomes[id] = added
	if old != nil {
		p.outcomes[id] = changes
		change.Action, change.PhysicalResourceId, change.Replacement = types.ChangeActionModify, &old.physicalID, types.ReplacementFalse
		plain, withValues := p.properties(old, definition, properties)
		change.Scope = []types.ResourceAttribute{types.ResourceAttributeProperties}
		valued = change
		valued.BeforeContext = contextOf(old.definition, old.properties)
		change.Details, valued.Details = append(plain, automatic), append(withValues, automatic)
	}
	valued.AfterContext = contextOf(definition, properties)
	if p.set.nested {
		child := p.nestedSet(id, old, definition)
		change.ChangeSetId, valued.ChangeSetId = &child.id, &child.id
		if old != nil && same(old.properties, properties) && child.nothing {
			p.outcomes[id] = stays
			return nil
		}
	}
	p.tell(change)
	p.tellValues(valued)
	return nil
}

// nestedSet makes the change set of a nested stack, which is put in review when it does not exist.
func (p *planner) nestedSet(id string, old *resource, definition map[string]any) *changeSet {
	a := p.account
	c := &changeSet{
		name: fmt.Sprintf("%.80s-%s-%s", p.set.name, id, a.suffix()), nested: true, create: old == nil,
		created: a.timeline.now,
		status:  types.ChangeSetStatusCreatePending, execution: types.ExecutionStatusUnavailable, parent: p.set,
		next: version{template: emptyTemplate, capabilities: p.set.next.capabilities, tags: p.set.next.tags},
	}
	c.id = a.arn("cloudformation", "changeSet/"+c.name+"/"+a.uuid())
	if old != nil {
		c.stack = a.child(old)
	} else if c.stack = a.reviewed(p.stack, id); c.stack == nil {
		c.stack, c.madeStack = a.newStack(a.nestedName(p.stack, id), p.stack, id), true
		a.say(c.stack, inReview, "")
	}
	a.changeSets = append(a.changeSets, c)
	p.set.children = append(p.set.children, c)
	next, err := p.nestedVersion(definition)
	if err == nil {
		err = a.acceptable(c.stack, next)
	}
	if full := len(a.changeSetsOf(c.stack)) > a.settings.changeSetLimit; full {
		err = invalid("ChangeSet limit exceeded for stack %s", c.stack.id)
	}
	if err != nil {
		a.timeline.after(a.settings.changeSetTakes, func() { a.fail(c, err.Error()) })
		return c
	}
	c.next = next
	a.makeChangeSet(c)
	return c
}

// nestedVersion is what the nested stack is to be, placeholders in its parameters where siblings do not exist yet.
func (p *planner) nestedVersion(definition map[string]any) (version, error) {
	scope := *p.scope
	scope.missing = fmt.Sprintf("{{IntrinsicFunction:%s//Fn::ImportValue}}", p.stack.id)
	properties, err := scope.properties(definition)
	if err != nil {
		return version{}, err
	}
	planned := *p.stack
	planned.tags, planned.capabilities = p.set.next.tags, p.set.next.capabilities
	return p.account.nestedVersion(&planned, properties)
}
