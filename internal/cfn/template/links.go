package template

import (
	"regexp"
	"slices"
	"strings"
)

// Export is an output that other stacks can import.
type Export struct {
	Name  string // the export's name
	Key   string // the output's
	Value Value
}

// Exports returns the exports of a template whose names are literal, by name.
func (t *Template) Exports() map[string]Export {
	all := map[string]Export{}
	for _, key := range t.OutputKeys() {
		if name, ok := t.output(key).At("Export.Name").Literal(); ok {
			all[name] = Export{name, key, t.Output(key)}
		}
	}
	return all
}

// OutputKeys returns the keys of a template's outputs, sorted.
func (t *Template) OutputKeys() []string { return sortedKeys(t.section("Outputs")) }

// Output returns the value of an output.
func (t *Template) Output(key string) Value { return t.output(key).Key("Value") }

func (t *Template) output(key string) Value { return Value{t.section("Outputs")[key]} }

// SameOutputs reports whether two templates have the same outputs.
func SameOutputs(a, b *Template) bool {
	return equal(any(a.section("Outputs")), any(b.section("Outputs")))
}

// Imports reports whether a template imports an export by its literal name.
func (t *Template) Imports(name string) bool { return Value{any(t.Values())}.Imports(name) }

// Imports reports whether a value imports an export by its literal name.
func (v Value) Imports(name string) bool {
	imported := false
	walk(v.v, func(function string, argument any) {
		text, ok := Value{argument}.Literal()
		imported = imported || ok && function == "Fn::ImportValue" && text == name
	})
	return imported
}

// Parameters returns the names of a template's parameters, sorted.
func (t *Template) Parameters() []string { return sortedKeys(t.section("Parameters")) }

// Parameter returns the declaration of a parameter.
func (t *Template) Parameter(name string) Value { return Value{t.section("Parameters")[name]} }

// NestedParameter returns the value that a template passes to a parameter of a nested stack.
func (t *Template) NestedParameter(stack, name string) Value {
	return t.Resource(stack).Property("Parameters").Key(name)
}

// ParametersThatMayChange returns the names of the parameters of a nested stack whose values may change: what the roots
// pass differs or is computed, or the stack's own declarations differ.
func ParametersThatMayChange(oldRoot, newRoot *Template, stack string, old, new *Template) []string {
	var names []string
	for _, name := range keysOf(old.section("Parameters"), new.section("Parameters")) {
		before, after := oldRoot.NestedParameter(stack, name), newRoot.NestedParameter(stack, name)
		if after.Computed() || !before.Equal(after) || !old.Parameter(name).Equal(new.Parameter(name)) {
			names = append(names, name)
		}
	}
	return names
}

// Computed reports whether a value is known only when the stack is there: an intrinsic function computes it.
func (v Value) Computed() bool { return len(sources(v.v)) > 0 }

// RefersTo reports whether a value is computed from a resource: by !Ref, !GetAtt, or ${…} in a !Sub.
func (v Value) RefersTo(logicalID string) bool {
	return slices.ContainsFunc(sources(v.v), func(s source) bool { return s.id == logicalID })
}

// source is what a value is computed from: a resource or a parameter, or an attribute of a resource. It has no id where
// only the intrinsic function knows.
type source struct{ id, attribute string }

func (s source) String() string {
	if s.attribute == "" {
		return s.id
	}
	return s.id + "." + s.attribute
}

// sources returns what a value is computed from.
func sources(v any) []source {
	var all []source
	walk(v, func(name string, argument any) {
		switch name {
		case "Ref":
			all = append(all, source{id: Value{argument}.String()})
		case "Fn::GetAtt":
			pair, _ := argument.([]any)
			all = append(all, source{Value{at(pair, 0)}.String(), Value{at(pair, 1)}.String()})
		case "Fn::Sub":
			all = append(all, source{})
			all = append(all, placeholders(argument)...)
		default:
			all = append(all, source{})
		}
	})
	return all
}

var placeholder = regexp.MustCompile(`\$\{([A-Za-z0-9:]+)(?:\.([^}]+))?\}`)

// placeholders returns what the text of a !Sub names. Values of its own are given to it by names that no resource has,
// and are walked besides.
func placeholders(argument any) []source {
	own := Value{}
	if list, ok := argument.([]any); ok {
		argument, own = at(list, 0), Value{at(list, 1)}
	}
	text, _ := argument.(string)
	var all []source
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !own.Key(strings.TrimSuffix(m[1]+"."+m[2], ".")).Exists() {
			all = append(all, source{m[1], m[2]})
		}
	}
	return all
}

// walk visits every intrinsic function in a value, outermost first.
func walk(v any, visit func(name string, argument any)) {
	switch v := v.(type) {
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok {
			visit(name, argument)
		}
		for _, key := range sortedKeys(v) {
			walk(v[key], visit)
		}
	case []any:
		for _, item := range v {
			walk(item, visit)
		}
	}
}
