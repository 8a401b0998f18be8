package template

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Values returns the template's resources as who reads the YAML gets them, with intrinsics in the long form:
// {"Fn::GetAtt": [Vpc, CidrBlock]}. Reading the YAML again would take longer than writing it.
func (r *Rendered) Values() map[string]any {
	resources := map[string]any{}
	for id, body := range r.bodies {
		resources[id] = valueOf(body)
	}
	return map[string]any{"Resources": resources}
}

func valueOf(n *yaml.Node) any {
	name, isFunction := strings.CutPrefix(n.Tag, "!")
	if isFunction = isFunction && !strings.HasPrefix(name, "!"); isFunction {
		if name == "Ref" {
			return map[string]any{name: n.Value}
		}
		return map[string]any{"Fn::" + name: argumentOf(name, n)}
	}
	switch n.Kind {
	case yaml.MappingNode:
		values := make(map[string]any, len(n.Content)/2)
		for i := 0; i < len(n.Content); i += 2 {
			values[n.Content[i].Value] = valueOf(n.Content[i+1])
		}
		return values
	case yaml.SequenceNode:
		return valuesOf(n)
	}
	return scalarOf(n)
}

func valuesOf(n *yaml.Node) []any {
	values := make([]any, len(n.Content))
	for i, item := range n.Content {
		values[i] = valueOf(item)
	}
	return values
}

// argumentOf returns what a function is given. The resource and attribute of Fn::GetAtt are two values, however they
// are written.
func argumentOf(name string, n *yaml.Node) any {
	switch {
	case n.Kind == yaml.SequenceNode:
		return valuesOf(n)
	case name == "GetAtt":
		id, attribute, _ := strings.Cut(n.Value, ".")
		return []any{id, attribute}
	}
	return n.Value
}

// scalarOf returns a single value. A number is written without its kind, which its text shows.
func scalarOf(n *yaml.Node) any {
	switch n.Tag {
	case "!!int", "":
		if i, err := strconv.Atoi(n.Value); err == nil {
			return i
		}
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	case "!!bool":
		return n.Value == "true"
	case "!!null":
		return nil
	}
	return n.Value
}
