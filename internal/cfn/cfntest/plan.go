package cfntest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// outcome is the planned change of a resource.
type outcome int

const (
	stays outcome = iota
	changes
	perhapsReplaced
	replaced
	added
)

// planner works out the changes of one stack.
type planner struct {
	account  *Account
	set      *changeSet
	stack    *stack
	scope    *scope
	wanted   map[string]map[string]any
	outcomes map[string]outcome
	warnings []string
}

// makeChangeSet begins to make a change set and those nested in it. Its content is computed at once, and visible when its time
// has passed.
func (a *Account) makeChangeSet(c *changeSet) {
	err := a.plan(c)
	path := c.stack.path()
	takes := a.settings.changeSetTakes
	if d, ok := a.rules.changeSetTakes[path]; ok {
		takes = d
	}
	a.timeline.after(min(takes/4, time.Second), func() {
		if c.status == types.ChangeSetStatusCreatePending {
			c.status = types.ChangeSetStatusCreateInProgress
		}
	})
	a.timeline.after(takes, func() {
		c.planned = true
		reason, fails := a.rules.changeSetFails[path]
		switch {
		case c.done() || c.deleting():
		case fails:
			a.fail(c, reason)
		case err != nil:
			a.fail(c, err.Error())
		default:
			a.conclude(c)
		}
	})
}

// plan works out what a change set would change.
func (a *Account) plan(c *changeSet) (err error) {
	p := &planner{account: a, set: c, stack: c.stack, outcomes: map[string]outcome{}}
	p.scope = &scope{
		account: a, stack: c.stack, template: c.next.template, parameters: c.next.parameters, resource: p.resource, missing: unknown,
	}
	if p.wanted, err = p.scope.wanted(); err != nil {
		return err
	}
	for _, id := range p.order() {
		if err := p.plan(id); err != nil {
			return err
		}
	}
	for _, id := range sortedKeys(c.stack.resources) {
		if p.wanted[id] == nil {
			p.remove(c.stack.resources[id])
		}
	}
	byID := func(x, y types.Change) int {
		return strings.Compare(*x.ResourceChange.LogicalResourceId, *y.ResourceChange.LogicalResourceId)
	}
	slices.SortFunc(c.changes, byID)
	slices.SortFunc(c.values, byID)
	c.nothing = len(c.changes) == 0 && len(c.values) == 0 && !c.create &&
		same(c.stack.template.outputs, c.next.template.outputs) && maps.Equal(c.stack.tags, c.next.tags)
	if len(p.warnings) > 0 {
		c.warning = "[WARN] --include-property-values option can return incomplete ChangeSet data because: " + strings.Join(p.warnings, ", ")
	}
	return nil
}

// order lists the wanted resources, each behind those that it refers to.
func (p *planner) order() []string {
	var order []string
	waits, seen := waits(p.wanted), map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		if seen[id] {
			return
		}
		seen[id] = true
		for _, other := range waits[id] {
			visit(other)
		}
		order = append(order, id)
	}
	for _, id := range sortedKeys(p.wanted) {
		visit(id)
	}
	return order
}

// resource is what the plan knows of a resource's value.
func (p *planner) resource(id, attribute string) (any, error) {
	r := p.stack.resources[id]
	isNew := r == nil || p.outcomes[id] == replaced || p.outcomes[id] == added
	switch {
	case isNew && strings.HasPrefix(attribute, "Outputs."):
		return fmt.Sprintf("{{IntrinsicFunction:%s/%s.%s/Fn::GetAtt}}", p.stack.id, id, attribute), nil
	case isNew:
		return unknown, nil
	case attribute == "":
		return r.physicalID, nil
	}
	value, err := p.account.attribute(r, attribute)
	if err != nil && strings.HasPrefix(attribute, "Outputs.") { // one that the nested stack will only have afterwards
		return fmt.Sprintf("{{IntrinsicFunction:%s/%s.%s/Fn::GetAtt}}", p.stack.id, id, attribute), nil
	}
	return value, err
}

// plan works out the change of one resource.
func (p *planner) plan(id string) error {
	definition := p.wanted[id]
	if kindOf(definition) == stackType {
		return p.planNested(id, definition)
	}
	missing := len(p.scope.absent)
	properties, err := p.scope.properties(definition)
	if err != nil {
		return err
	}
	for _, name := range p.scope.absent[missing:] {
		if p.set.parent != nil && p.account.settings.exportsNeeded {
			return invalid("No export named %s found", name)
		}
		p.warnings = append(p.warnings, fmt.Sprintf("ChangeSet creation failed for resource [%s] because: No export named %s", id, name))
	}
	if old := p.stack.resources[id]; old != nil {
		p.modify(old, definition, properties)
		return nil
	}
	p.outcomes[id] = added
	change := types.ResourceChange{
		Action: types.ChangeActionAdd, LogicalResourceId: &id, ResourceType: ptr(kindOf(definition)),
		Details: []types.ResourceChangeDetail{}, Scope: []types.ResourceAttribute{},
	}
	p.tell(change)
	change.AfterContext = contextOf(definition, properties)
	if p.account.settings.addsReplace {
		change.Replacement = types.ReplacementTrue
	}
	p.tellValues(change)
	return nil
}

func (p *planner) remove(r *resource) {
	change := types.ResourceChange{
		Action: types.ChangeActionRemove, LogicalResourceId: &r.logicalID, PhysicalResourceId: &r.physicalID, ResourceType: &r.kind,
		PolicyAction: map[string]types.PolicyAction{
			"Retain": types.PolicyActionRetain, "RetainExceptOnCreate": types.PolicyActionRetain, "Snapshot": types.PolicyActionSnapshot,
			"Delete": types.PolicyActionDelete,
		}[deletionPolicy(r)],
		Details: []types.ResourceChangeDetail{}, Scope: []types.ResourceAttribute{},
	}
	p.tell(change)
	change.BeforeContext = contextOf(r.definition, r.properties)
	p.tellValues(change)
}

func (p *planner) tell(change types.ResourceChange) {
	p.set.changes = append(p.set.changes, types.Change{Type: types.ChangeTypeResource, ResourceChange: &change})
}

func (p *planner) tellValues(change types.ResourceChange) {
	if !p.account.rules.hidden[p.stack.address(*change.LogicalResourceId)] {
		p.set.values = append(p.set.values, types.Change{Type: types.ChangeTypeResource, ResourceChange: &change})
	}
}
