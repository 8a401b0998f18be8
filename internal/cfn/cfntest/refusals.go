package cfntest

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// permitted checks that the caller has acknowledged what the template makes: roles and policies need a capability, one
// with names of their own another.
func (t *template) permitted(given []types.Capability) error {
	needed := types.Capability("")
	for _, definition := range t.resources {
		if !strings.HasPrefix(kindOf(definition), "AWS::IAM::") {
			continue
		}
		if nameProperty(kindOf(definition), propertiesOf(definition)) != "" &&
			kindOf(definition) != "AWS::IAM::Policy" {
			needed = types.CapabilityCapabilityNamedIam
		} else if needed == "" {
			needed = types.CapabilityCapabilityIam
		}
	}
	named := slices.Contains(given, types.CapabilityCapabilityNamedIam)
	if needed == "" || named || slices.Contains(given, needed) {
		return nil
	}
	return coded("InsufficientCapabilitiesException", "Requires capabilities : [%s]", needed)
}

// acceptable checks what CloudFormation says at once of a stack's next version: another type under a logical id that
// the stack has, and a reference to a resource that its own condition takes away.
func (a *Account) acceptable(s *stack, next version) error {
	scope := &scope{account: a, stack: s, template: next.template, parameters: next.parameters}
	wanted, err := scope.wanted()
	if err != nil {
		return err
	}
	var changed, missing []string
	for _, id := range sortedKeys(wanted) {
		chosen, err := scope.chosen(propertiesOf(wanted[id]))
		if err != nil {
			return err
		}
		for _, r := range references(chosen, nil) {
			if next.template.resources[r.name] != nil && wanted[r.name] == nil && !slices.Contains(missing, r.name) {
				missing = append(missing, r.name)
			}
		}
	}
	for id, old := range s.resources {
		if definition := next.template.resources[id]; definition != nil && old.kind != kindOf(definition) {
			changed = append(changed, id)
		}
	}
	slices.Sort(changed)
	switch {
	case len(missing) > 0:
		return unresolved(missing)
	case len(changed) > 0:
		return invalid(
			"Update of resource type is not permitted. The new template modifies resource type of the following resources: [%s]",
			strings.Join(changed, ", "),
		)
	}
	return nil
}

func unresolved(names []string) error {
	slices.Sort(names)
	return invalid(
		"Template format error: Unresolved resource dependencies [%s] in the Resources block of the template",
		strings.Join(names, ", "),
	)
}

// chosen is an expression with the branch that counts in the place of each Fn::If.
func (s *scope) chosen(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case []any:
		all := make([]any, len(v))
		for i := range v {
			if all[i], err = s.chosen(v[i]); err != nil {
				return nil, err
			}
		}
		return all, nil
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok && name == "Fn::If" {
			branch, err := s.branch(argument)
			if err != nil {
				return nil, err
			}
			return s.chosen(branch)
		}
		all := make(map[string]any, len(v))
		for key := range v {
			if all[key], err = s.chosen(v[key]); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	return v, nil
}

// namedWithin are types whose names are unique only within something else, or name something else.
var namedWithin = []string{
	"AWS::AutoScaling::LifecycleHook", "AWS::IAM::Policy", "AWS::Logs::LogStream", "AWS::Logs::QueryDefinition",
	"AWS::Route53::HostedZone", "AWS::Route53::RecordSet", "AWS::SSM::Association", "AWS::WAFv2::IPSet",
	"AWS::WAFv2::WebACL",
}

// taken says which other stack has a resource of the same type and name, as its creation would fail; "" if none.
func (a *Account) taken(s *stack, r *resource) string {
	property := nameProperty(r.kind, r.properties)
	if property == "" || slices.Contains(namedWithin, r.kind) {
		return ""
	}
	for _, other := range a.stacks {
		for _, theirs := range other.resources {
			if theirs != r && theirs.kind == r.kind && theirs.physicalID != "" && theirs.status != deleteComplete &&
				theirs.properties[property] == r.properties[property] &&
				(other != s || theirs.logicalID != r.logicalID) {
				return textOf(r.properties[property]) + " already exists in stack " + other.id
			}
		}
	}
	return ""
}
