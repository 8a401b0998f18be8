package template

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"distributed-moodle/internal/cfn/schema"
)

// Template is a template as [Parse] reads it.
type Template map[string]any

// Resource is one resource that differs. Old is nil when it is added, New when it is removed.
type Resource struct {
	ID, Type   string
	Old, New   map[string]any // the whole resource: Type, Properties, DeletionPolicy, …
	Properties []Property     // in the order of their paths
	Attributes []Property     // DeletionPolicy, UpdatePolicy, DependsOn, …; Metadata is left out: it changes nothing that runs
}

// Property is one value that differs. Old is nil when it is added, New when it is removed.
type Property struct {
	Path     string // dotted, list items by number: SecurityGroupIngress.0.CidrIp
	Old, New any
	Replaces Replaces
}

// Replaces is whether a change of a property makes a new resource, by CloudFormation's schema of its type.
type Replaces int

// From harmless to certain. A type that the schemas here do not know is Perhaps.
const (
	No Replaces = iota
	Perhaps
	Yes
)

// Resources lists what differs between two templates, by logical id.
func Resources(old, new Template) []Resource {
	before, after := section(old, "Resources"), section(new, "Resources")
	var changed []Resource
	for _, id := range keysOf(before, after) {
		o, n := mapOf(before[id]), mapOf(after[id])
		r := Resource{ID: id, Old: o, New: n, Type: typeOf(n, o)}
		if o != nil && n != nil && o["Type"] == n["Type"] {
			r.Properties = properties(r.Type, o, n)
			r.Attributes = attributes(o, n)
			if len(r.Properties)+len(r.Attributes) == 0 {
				continue
			}
		}
		changed = append(changed, r)
	}
	return changed
}

// Replaced is the strongest that any of the changes says. A resource whose type has changed is another resource.
func (r Resource) Replaced() Replaces {
	if r.Old != nil && r.New != nil && r.Old["Type"] != r.New["Type"] {
		return Yes
	}
	most := No
	for _, p := range r.Properties {
		most = max(most, p.Replaces)
	}
	return most
}

func typeOf(first, second map[string]any) string {
	for _, r := range []map[string]any{first, second} {
		if t, ok := r["Type"].(string); ok {
			return t
		}
	}
	return ""
}

func properties(kind string, old, new map[string]any) []Property {
	var all []Property
	differ("", mapOf(old["Properties"]), mapOf(new["Properties"]), func(path string, o, n any) {
		all = append(all, Property{path, o, n, replaces(kind, path)})
	})
	return all
}

func attributes(old, new map[string]any) []Property {
	var all []Property
	for _, key := range keysOf(old, new) {
		if key != "Type" && key != "Properties" && key != "Metadata" {
			differ(key, old[key], new[key], func(path string, o, n any) { all = append(all, Property{Path: path, Old: o, New: n}) })
		}
	}
	return all
}

// differ reports each leaf that is not the same. Lists are compared item by item; an intrinsic is a leaf. Numbers and truth values are
// the same as their texts, as CloudFormation takes them.
func differ(path string, old, new any, report func(path string, old, new any)) {
	if reflect.DeepEqual(old, new) || isScalar(old) && isScalar(new) && Text(old) == Text(new) {
		return
	}
	if o, n := mapOf(old), mapOf(new); (o != nil || n != nil) && !isIntrinsic(o) && !isIntrinsic(n) && (o != nil || old == nil) && (n != nil || new == nil) {
		for _, key := range keysOf(o, n) {
			differ(join(path, key), o[key], n[key], report)
		}
		return
	}
	o, oIsList := old.([]any)
	n, nIsList := new.([]any)
	if (oIsList || old == nil) && (nIsList || new == nil) && (oIsList || nIsList) {
		for i := range max(len(o), len(n)) {
			differ(join(path, strconv.Itoa(i)), at(o, i), at(n, i), report)
		}
		return
	}
	report(path, old, new)
}

func isScalar(v any) bool {
	switch v.(type) {
	case nil, map[string]any, []any:
		return false
	}
	return true
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func isIntrinsic(m map[string]any) bool {
	for key := range m {
		return len(m) == 1 && (key == "Ref" || strings.HasPrefix(key, "Fn::"))
	}
	return false
}

// replaces asks the schema whether a change at a path makes a new resource. Paths in the schema name no list items.
func replaces(kind, path string) Replaces {
	t, known := schema.Of(kind)
	if !known {
		return Perhaps
	}
	path = withoutNumbers(path)
	covers := func(paths []string) bool {
		return slices.ContainsFunc(paths, func(p string) bool { return p == path || strings.HasPrefix(path, p+".") })
	}
	switch {
	case covers(t.CreateOnly):
		return Yes
	case covers(t.ConditionalCreateOnly):
		return Perhaps
	}
	return No
}

func withoutNumbers(path string) string {
	parts := strings.Split(path, ".")
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool {
		_, err := strconv.Atoi(p)
		return err == nil
	}), ".")
}

func section(t Template, name string) map[string]any { return mapOf(t[name]) }

func mapOf(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func keysOf(a, b map[string]any) []string {
	all := map[string]bool{}
	for key := range a {
		all[key] = true
	}
	for key := range b {
		all[key] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// Text is a value of a template as a person reads it: a literal as it is, an intrinsic in its short form, a mapping as {Key: value}.
func Text(v any) string {
	m := mapOf(v)
	if !isIntrinsic(m) {
		if m != nil {
			var items []string
			for _, key := range keysOf(m, nil) {
				items = append(items, key+": "+Text(m[key]))
			}
			return "{" + strings.Join(items, ", ") + "}"
		}
		if list, ok := v.([]any); ok {
			var items []string
			for _, item := range list {
				items = append(items, Text(item))
			}
			return "[" + strings.Join(items, ", ") + "]"
		}
		if v == nil {
			return ""
		}
		return fmt.Sprint(v)
	}
	for name, arg := range m {
		name = strings.TrimPrefix(name, "Fn::")
		if list, ok := arg.([]any); ok && name == "GetAtt" {
			return fmt.Sprintf("!GetAtt %v.%v", list[0], at(list, 1))
		}
		return "!" + name + " " + Text(arg)
	}
	return ""
}
