package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// text returns the entry as JSON, with one line for each thing that a reviewer may want to see changed.
func (e *entry) text() string {
	out := new(strings.Builder)
	out.WriteString("{\n")
	if e.tags != "" {
		fmt.Fprintf(out, "  %q: %q,\n", "tags", e.tags)
	}
	for _, list := range []struct {
		name  string
		paths []string
	}{
		{"createOnly", e.createOnly},
		{"conditionalCreateOnly", e.conditionalCreateOnly},
		{"readOnly", e.readOnly},
		{"writeOnly", e.writeOnly},
		{"attributes", e.attributes},
	} {
		if len(list.paths) > 0 || list.name == "attributes" {
			fmt.Fprintf(out, "  %q: %s,\n", list.name, quotedList(list.paths))
		}
	}
	fmt.Fprintf(out, "  %q: {", "definitions")
	names := slices.Sorted(maps.Keys(e.definitions))
	names = slices.DeleteFunc(names, func(name string) bool { return name == root })
	for i, name := range append([]string{root}, names...) {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(out, "\n    %q: %s", name, quotedMap(e.definitions[name]))
	}
	out.WriteString("\n  }\n}")
	return out.String()
}

// quotedList returns a JSON list on one line.
func quotedList(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = strconv.Quote(value)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// quotedMap returns a JSON object on one line, sorted by name.
func quotedMap(values map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, strconv.Quote(name)+": "+strconv.Quote(values[name]))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}
