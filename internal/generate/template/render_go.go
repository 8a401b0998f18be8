package template

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

// field is one property in a goformation struct, by its json tag.
type field struct {
	name      string
	index     int
	omitEmpty bool
}

var fieldsByType sync.Map // reflect.Type → []field

// fieldsOf returns the fields of a struct that are written into a template, in their order: goformation's are alphabetical.
func fieldsOf(t reflect.Type) []field {
	if known, ok := fieldsByType.Load(t); ok {
		return known.([]field)
	}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		fields = append(fields, field{name, i, strings.Contains(options, "omitempty")})
	}
	fieldsByType.Store(t, fields)
	return fields
}

// value turns a Go value into a node as encoding/json would into JSON, and unfolds tokens. It goes over the structs itself since
// the way through JSON text took longer than all the rest.
func (r *renderer) value(v reflect.Value) *yaml.Node {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return literal("null", "!!null")
		}
		return r.value(v.Elem())
	case reflect.Struct:
		return r.structure(v)
	case reflect.Map:
		return r.mapOf(v)
	case reflect.Slice, reflect.Array:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			n.Content = append(n.Content, r.value(v.Index(i)))
		}
		return filled(n)
	case reflect.String:
		return r.text(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return literal(strconv.FormatInt(v.Int(), 10), "!!int")
	case reflect.Float32, reflect.Float64:
		return float(v.Float())
	case reflect.Bool:
		return literal(strconv.FormatBool(v.Bool()), "!!bool")
	case reflect.Invalid:
		return literal("null", "!!null")
	}
	r.fault("a value of type %s cannot be written into a template", v.Type())
	return plain("")
}

func (r *renderer) structure(v reflect.Value) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fieldsOf(v.Type()) {
		if fv := v.Field(f.index); !f.omitEmpty || !isEmpty(fv) {
			n.Content = append(n.Content, plain(f.name), r.value(fv))
		}
	}
	return filled(n)
}

func (r *renderer) mapOf(v reflect.Value) *yaml.Node {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, key := range keys {
		n.Content = append(n.Content, r.scalar(key.String()), r.value(v.MapIndex(key)))
	}
	return filled(n)
}

// filled returns a list or mapping; one without members is written as [] or {}.
func filled(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	return n
}

// isEmpty reports whether encoding/json would leave the value out for omitempty.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
