package environment

import (
	"reflect"
	"strings"
	"sync"
	"unicode"
)

// field is a key as its Go field declares it.
type field struct {
	index    []int
	doc      string
	required bool // without omitempty or omitzero, as in the schema
}

// fieldsOf returns the keys of a section.
func fieldsOf(section reflect.Type) map[string]field {
	fields := map[string]field{}
	for i := range section.NumField() {
		f := section.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "-" {
			fields[name] = field{f.Index, f.Tag.Get("jsonschema"), options == ""}
		}
	}
	return fields
}

// keysOf returns the names of a section's keys in the order of its fields.
func keysOf(section reflect.Type) []string {
	var names []string
	for i := range section.NumField() {
		if name, _, _ := strings.Cut(section.Field(i).Tag.Get("json"), ","); name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// allKeys returns the kinds of key that an environment file may hold, sections before what they hold: network, network.zones, network.zones[].
var allKeys = sync.OnceValue(func() []string {
	var keys []string
	var visit func(t reflect.Type, kind string)
	visit = func(t reflect.Type, kind string) {
		if kind != "" {
			keys = append(keys, kind)
		}
		switch t.Kind() {
		case reflect.Pointer:
			keys = keys[:len(keys)-1]
			visit(t.Elem(), kind)
		case reflect.Slice:
			visit(t.Elem(), kind+"[]")
		case reflect.Map:
			visit(t.Elem(), kind+".*")
		case reflect.Struct:
			fields := fieldsOf(t)
			for _, name := range keysOf(t) {
				visit(t.FieldByIndex(fields[name].index).Type, join(kind, name))
			}
		}
	}
	visit(reflect.TypeFor[Environment](), "")
	return keys
})

// join returns the key of a name in a section. A name that is not a plain word is quoted, so that a message stays one line.
func join(section, name string) string {
	if name == "" || len(name) > 128 || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		name = show(name)
	}
	if section == "" {
		return name
	}
	return section + "." + name
}
