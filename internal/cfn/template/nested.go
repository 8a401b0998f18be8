package template

import (
	"reflect"
	"slices"
)

// NestedParameters are the parameters that a root hands down to a nested stack, by name.
func NestedParameters(root Template, id string) map[string]any {
	return mapOf(mapOf(mapOf(section(root, "Resources")[id])["Properties"])["Parameters"])
}

// HasIntrinsic reports whether a value is known only when the stack is there: an intrinsic gives it.
func HasIntrinsic(v any) bool { return len(causes(v)) > 0 }

// ParametersThatMayChange names the parameters of a nested stack whose values may be others than they are: what roots hand down differs or is
// worked out, or the stack's own defaults differ.
func ParametersThatMayChange(oldRoot, newRoot Template, id string, old, new Template) []string {
	before, after := NestedParameters(oldRoot, id), NestedParameters(newRoot, id)
	defaults, others := section(old, "Parameters"), section(new, "Parameters")
	var names []string
	for _, name := range keysOf(others, defaults) {
		if HasIntrinsic(after[name]) || Text(before[name]) != Text(after[name]) || !reflect.DeepEqual(defaults[name], others[name]) {
			names = append(names, name)
		}
	}
	return names
}

// UnsupportedSection names what a template has that no comparison of texts sees through, so that its changes can't be told; "" when there is nothing.
func UnsupportedSection(t Template) string {
	sections := []string{"Conditions", "Mappings", "Rules", "Transform"}
	if i := slices.IndexFunc(sections, func(name string) bool { return t[name] != nil }); i >= 0 {
		return sections[i]
	}
	return ""
}

// SameOutputs reports whether two templates give away the same.
func SameOutputs(a, b Template) bool {
	return reflect.DeepEqual(section(a, "Outputs"), section(b, "Outputs"))
}

// Empty reports whether a template has no resource: none that CloudFormation takes is like that.
func Empty(t Template) bool { return len(section(t, "Resources")) == 0 }
