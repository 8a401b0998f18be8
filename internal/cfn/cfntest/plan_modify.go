package cfntest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// attributes are the parts of a resource beside its properties that a change set tells of.
var attributes = []types.ResourceAttribute{
	types.ResourceAttributeCreationPolicy, types.ResourceAttributeDeletionPolicy, types.ResourceAttributeMetadata,
	types.ResourceAttributeUpdatePolicy, types.ResourceAttributeUpdateReplacePolicy,
}

// cause is something else whose change changes a property.
type cause struct {
	entity     string
	source     types.ChangeSource
	evaluation types.EvaluationType
	at         []string
	hides      bool // a description with values does not tell of it (values-hide-a-change.json)
}

// modify computes how an existing resource would change.
func (p *planner) modify(old *resource, definition, properties map[string]any) {
	plain, valued := p.properties(old, definition, properties)
	rest := p.besideProperties(old, definition)
	plain, valued = append(plain, rest...), append(valued, rest...)
	p.outcomes[old.logicalID] = outcomeOf(plain)
	p.tellModify(old, plain, nil, nil)
	p.tellModify(old, valued, contextOf(old.definition, old.properties), contextOf(definition, properties))
}

// properties computes how the properties of a resource would change, for descriptions without values and with them.
func (p *planner) properties(old *resource, definition, properties map[string]any) (plain, valued []types.ResourceChangeDetail) {
	before := propertiesOf(old.definition)
	names := slices.Concat(sortedKeys(before), sortedKeys(propertiesOf(definition)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		of := property{
			name: name, was: old.properties[name], is: properties[name],
			edited: !same(before[name], propertiesOf(definition)[name]), causes: p.causes(propertiesOf(definition)[name], name),
		}
		plain = append(plain, of.plain(p, old.kind)...)
		valued = append(valued, of.valued(p, old.kind)...)
	}
	return plain, valued
}

// tellModify writes a change down, without values or with them, unless there is nothing to tell.
func (p *planner) tellModify(old *resource, details []types.ResourceChangeDetail, before, after *string) {
	if len(details) == 0 {
		return
	}
	change := types.ResourceChange{
		Action: types.ChangeActionModify, LogicalResourceId: &old.logicalID, PhysicalResourceId: &old.physicalID, ResourceType: &old.kind,
		BeforeContext: before, AfterContext: after, Details: details, Replacement: replacement(details),
	}
	for _, d := range details {
		if !slices.Contains(change.Scope, d.Target.Attribute) {
			change.Scope = append(change.Scope, d.Target.Attribute)
		}
	}
	if change.Replacement != types.ReplacementFalse {
		change.PolicyAction = map[string]types.PolicyAction{
			"Retain": types.PolicyActionReplaceAndRetain, "Snapshot": types.PolicyActionReplaceAndSnapshot,
			"Delete": types.PolicyActionReplaceAndDelete, "": types.PolicyActionReplaceAndDelete,
		}[text(old.definition, "UpdateReplacePolicy")]
	}
	if before == nil {
		p.tell(change)
		return
	}
	p.tellValues(change)
}

// property is one property of a resource that may change.
type property struct {
	name    string
	was, is any
	edited  bool // the template says something else now
	causes  []cause
}

func (of property) direct() bool {
	return !same(of.was, of.is) && (of.edited || len(of.causes) == 0)
}

func (of property) plain(p *planner, kind string) []types.ResourceChangeDetail {
	recreation := types.RequiresRecreationNever
	paths := differences(of.was, of.is, []string{of.name})
	if len(paths) == 0 {
		paths = [][]string{{of.name}}
	}
	for _, path := range paths {
		recreation = stronger(recreation, p.account.recreates(kind, path))
	}
	target := types.ResourceTargetDefinition{Attribute: types.ResourceAttributeProperties, Name: &of.name, RequiresRecreation: recreation}
	var all []types.ResourceChangeDetail
	if of.direct() {
		all = append(all, detail(target, types.EvaluationTypeStatic, types.ChangeSourceDirectModification, ""))
	}
	for _, c := range of.causes {
		all = append(all, detail(target, c.evaluation, c.source, c.entity))
	}
	return all
}

func (of property) valued(p *planner, kind string) []types.ResourceChangeDetail {
	visible := slices.DeleteFunc(slices.Clone(of.causes), func(c cause) bool { return c.hides })
	if !of.direct() && len(visible) == 0 {
		return nil
	}
	evaluation := types.EvaluationTypeStatic
	if len(visible) > 0 {
		evaluation = types.EvaluationTypeDynamic
	}
	var all []types.ResourceChangeDetail
	for _, path := range differences(of.was, of.is, []string{of.name}) {
		all = append(all, detail(of.target(p, kind, path), evaluation, types.ChangeSourceDirectModification, ""))
	}
	for _, c := range visible {
		all = append(all, detail(of.target(p, kind, c.at), c.evaluation, c.source, c.entity))
	}
	return all
}

// target is a place in the property with its values.
func (of property) target(p *planner, kind string, path []string) types.ResourceTargetDefinition {
	t := types.ResourceTargetDefinition{
		Attribute: types.ResourceAttributeProperties, Name: ptr(of.name), Path: ptr("/Properties/" + strings.Join(path, "/")),
		RequiresRecreation: p.account.recreates(kind, path), AttributeChangeType: types.AttributeChangeTypeModify,
	}
	before, had := at(of.was, path[1:])
	after, has := at(of.is, path[1:])
	if had = had && before != nil; had {
		t.BeforeValue = ptr(jsonOf(before))
	} else {
		t.AttributeChangeType = types.AttributeChangeTypeAdd
	}
	if has = has && after != nil; has {
		t.AfterValue = ptr(jsonOf(after))
	} else {
		t.AttributeChangeType = types.AttributeChangeTypeRemove
	}
	return t
}

// causes finds what else changes and is referred to.
func (p *planner) causes(expression any, name string) []cause {
	var all []cause
	for _, r := range references(expression, []string{name}) {
		c := cause{entity: r.name, at: r.at, evaluation: types.EvaluationTypeStatic, source: types.ChangeSourceResourceReference}
		was, isParameter := p.stack.parameters[r.name]
		happens := p.outcomes[r.name]
		switch {
		case p.set.next.template.parameters[r.name] != nil:
			c.source = types.ChangeSourceParameterReference
			if isParameter && was == p.set.next.parameters[r.name] {
				continue
			}
		case happens == stays || happens == added || happens == changes && r.attribute == "":
			continue
		case r.attribute != "":
			c.entity, c.source, c.evaluation = r.name+"."+r.attribute, types.ChangeSourceResourceAttribute, types.EvaluationTypeDynamic
			c.hides = happens != replaced
		case happens == perhapsReplaced:
			c.evaluation = types.EvaluationTypeDynamic
		}
		all = append(all, c)
	}
	return all
}

// besideProperties are the changes of a resource's policies, metadata and of the tags that it has from its stack.
func (p *planner) besideProperties(old *resource, definition map[string]any) []types.ResourceChangeDetail {
	var all []types.ResourceChangeDetail
	for _, attribute := range attributes {
		if !same(old.definition[string(attribute)], definition[string(attribute)]) {
			all = append(all, detail(types.ResourceTargetDefinition{Attribute: attribute, RequiresRecreation: types.RequiresRecreationNever},
				types.EvaluationTypeStatic, types.ChangeSourceDirectModification, ""))
		}
	}
	if taggable(old.kind) && !maps.Equal(old.tags, p.set.next.tags) {
		all = append(all, detail(types.ResourceTargetDefinition{Attribute: types.ResourceAttributeTags, RequiresRecreation: types.RequiresRecreationNever},
			types.EvaluationTypeStatic, types.ChangeSourceDirectModification, ""))
	}
	return all
}

func detail(target types.ResourceTargetDefinition, evaluation types.EvaluationType, source types.ChangeSource, entity string) types.ResourceChangeDetail {
	return types.ResourceChangeDetail{Target: &target, Evaluation: evaluation, ChangeSource: source, CausingEntity: notEmpty(entity)}
}

func stronger(a, b types.RequiresRecreation) types.RequiresRecreation {
	order := []types.RequiresRecreation{types.RequiresRecreationNever, types.RequiresRecreationConditionally, types.RequiresRecreationAlways}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// replacement sums details up as CloudFormation's API reference says (ResourceChange, Replacement).
func replacement(details []types.ResourceChangeDetail) types.Replacement {
	sum := types.ReplacementFalse
	for _, d := range details {
		switch {
		case d.Target.RequiresRecreation == types.RequiresRecreationAlways && d.Evaluation == types.EvaluationTypeStatic:
			return types.ReplacementTrue
		case d.Target.RequiresRecreation != types.RequiresRecreationNever:
			sum = types.ReplacementConditional
		}
	}
	return sum
}

func outcomeOf(details []types.ResourceChangeDetail) outcome {
	switch {
	case len(details) == 0:
		return stays
	case replacement(details) == types.ReplacementTrue:
		return replaced
	case replacement(details) == types.ReplacementConditional:
		return perhapsReplaced
	}
	return changes
}

// contextOf is all that a description with values says of a resource, as JSON.
func contextOf(definition, properties map[string]any) *string {
	whole := map[string]any{"Properties": properties}
	for _, attribute := range attributes {
		if v, ok := definition[string(attribute)]; ok {
			whole[string(attribute)] = v
		}
	}
	return ptr(jsonOf(whole))
}

// jsonOf is a value as change sets write it: texts bare, numbers as texts, the rest as JSON.
func jsonOf(v any) string {
	switch v.(type) {
	case map[string]any, []any:
		encoded, err := json.Marshal(texts(v))
		if err != nil {
			return err.Error()
		}
		return string(encoded)
	}
	return textOf(v)
}

// texts turns numbers and booleans inside into texts, as CloudFormation keeps them.
func texts(v any) any {
	switch v := v.(type) {
	case map[string]any:
		all := make(map[string]any, len(v))
		for key, item := range v {
			all[key] = texts(item)
		}
		return all
	case []any:
		all := make([]any, 0, len(v))
		for _, item := range v {
			all = append(all, texts(item))
		}
		return all
	}
	return textOf(v)
}
