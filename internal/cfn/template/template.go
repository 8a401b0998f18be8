// Package template reads CloudFormation templates and compares a deployed one with the one that is to replace it,
// resource by resource and property by property.
//
// [Parse] and [ParseDeployed] are the only places where a template's text is read. Each form in which CloudFormation
// accepts the same thing becomes one form there, so that whoever looks at a [Template] needs to know only that one.
//
// A site's templates have no parameters and no conditions, so what they say is what runs: the comparison says exactly
// what changes, also where CloudFormation cannot make a change set, or hides a value. What it can't know is what a
// value comes to that an intrinsic function works out, and what has been changed outside CloudFormation.
package template

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Template is a template as it was read. A nil Template is none: it has no resources, outputs or parameters.
type Template struct{ values map[string]any }

// Values returns the whole template with its intrinsic functions in their long form. It is for checks of every value,
// such as those against CloudFormation's schemas; whoever looks for something in particular uses the other methods.
func (t *Template) Values() map[string]any {
	if t == nil {
		return nil
	}
	return t.values
}

// section returns a section of the template, nil where it has none.
func (t *Template) section(name string) map[string]any { return mapOf(t.Values()[name]) }

// Description returns what the template says of itself, or "".
func (t *Template) Description() string {
	text, _ := t.Values()["Description"].(string)
	return text
}

// Resources returns the template's resources, sorted by logical id.
func (t *Template) Resources() []Resource {
	var all []Resource
	for _, id := range sortedKeys(t.section("Resources")) {
		if r := t.Resource(id); r.Exists() {
			all = append(all, r)
		}
	}
	return all
}

// Resource returns the resource with a logical id; one that does not exist where the template has none.
func (t *Template) Resource(logicalID string) Resource {
	definition, ok := t.section("Resources")[logicalID].(map[string]any)
	if !ok {
		return Resource{LogicalID: logicalID}
	}
	kind, _ := definition["Type"].(string)
	return Resource{LogicalID: logicalID, Type: kind, definition: definition}
}

// Empty reports whether a template has no resource. CloudFormation takes none like that.
func (t *Template) Empty() bool { return len(t.section("Resources")) == 0 }

// UnsupportedSection returns the name of a section that only CloudFormation can work out, so that the template can't be
// compared with another; "" when there is none.
func (t *Template) UnsupportedSection() string {
	sections := []string{"Conditions", "Mappings", "Rules", "Transform"}
	if i := slices.IndexFunc(sections, func(name string) bool { return t.Values()[name] != nil }); i >= 0 {
		return sections[i]
	}
	return ""
}

// Mentions reports whether a text is part of any value of the template, such as a checksum in the user data of a launch
// template.
func (t *Template) Mentions(text string) bool { return mentions(any(t.Values()), text) }

func mentions(v any, text string) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, text)
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return mentions(item, text) })
	case map[string]any:
		return slices.ContainsFunc(sortedKeys(v), func(key string) bool { return mentions(v[key], text) })
	}
	return false
}

// Equal reports whether two templates mean the same.
func (t *Template) Equal(other *Template) bool {
	return (t == nil) == (other == nil) && Value{any(t.Values())}.Equal(Value{any(other.Values())})
}

// MarshalJSON returns the template's values with sorted keys.
func (t *Template) MarshalJSON() ([]byte, error) { return json.Marshal(t.Values()) }

// mapOf returns a mapping, nil for anything else.
func mapOf(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// keysOf returns the keys of both mappings, sorted.
func keysOf(a, b map[string]any) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return sortedKeys(all)
}
