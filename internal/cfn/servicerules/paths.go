package servicerules

import (
	"fmt"
	"strings"
)

// step is one step of a path.
type step struct {
	name   string // of a property or of a map's entry
	items  bool   // then every item of the list
	key    string // or the items whose property of this name
	equals string // has this value
}

// steps splits a path.
func steps(path string) ([]step, error) {
	var all []step
	if path == "." {
		return nil, nil
	}
	for rest := path; rest != ""; {
		if inner, ok := strings.CutPrefix(rest, "{"); ok {
			name, after, closed := strings.Cut(inner, "}")
			if !closed || name == "" {
				return nil, fmt.Errorf("path %s: a { without its name and }", path)
			}
			all, rest = append(all, step{name: name}), after
			continue
		}
		rest = strings.TrimPrefix(rest, ".")
		end := strings.IndexAny(rest, ".[{")
		if end < 0 {
			end = len(rest)
		}
		s := step{name: rest[:end]}
		rest = rest[end:]
		if inner, ok := strings.CutPrefix(rest, "["); ok {
			choice, after, closed := strings.Cut(inner, "]")
			s.key, s.equals, _ = strings.Cut(choice, "=")
			s.items = s.key == ""
			if !closed || !s.items && s.equals == "" {
				return nil, fmt.Errorf("path %s: use [] or [Key=value]", path)
			}
			rest = after
		}
		if s.name == "" {
			return nil, fmt.Errorf("path %s: a step without a name", path)
		}
		all = append(all, s)
	}
	return all, nil
}

// place is a value that a path leads to. Where an intrinsic function is in the way, nobody knows what is there.
type place struct {
	path    string
	value   any
	unknown bool
}

// follow returns what a path leads to, below a value. What is absent is left out.
func follow(from place, path []step) []place {
	value := from.value
	switch {
	case from.unknown:
		return []place{from}
	case value == nil || isNoValue(value):
		return nil
	case len(path) == 0:
		return []place{from}
	case isFunction(value):
		return []place{{path: from.path, unknown: true}}
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil // of another kind than its schema says, which is not for a service to tell
	}
	s, rest := path[0], path[1:]
	next := place{path: strings.TrimPrefix(from.path+"."+s.name, "."), value: object[s.name]}
	if !s.items && s.key == "" {
		return follow(next, rest)
	}
	if isFunction(next.value) && !isNoValue(next.value) {
		return []place{{path: next.path, unknown: true}}
	}
	list, _ := next.value.([]any)
	var all []place
	for i, item := range list {
		at := place{path: fmt.Sprintf("%s[%d]", next.path, i), value: item}
		if s.key != "" && !isFunction(item) {
			object, _ := item.(map[string]any)
			if isFunction(object[s.key]) {
				at = place{path: at.path, unknown: true}
			} else if scalar(object[s.key]) != s.equals {
				continue
			}
		} else if s.key != "" && !isNoValue(item) {
			at = place{path: at.path, unknown: true}
		}
		all = append(all, follow(at, rest)...)
	}
	return all
}

// function returns the name and argument of an intrinsic function in the long form, "" if the value is none.
func function(value any) (string, any) {
	if m, ok := value.(map[string]any); ok && len(m) == 1 {
		for name, argument := range m {
			if name == "Ref" || strings.HasPrefix(name, "Fn::") {
				return name, argument
			}
		}
	}
	return "", nil
}

func isFunction(value any) bool {
	name, _ := function(value)
	return name != ""
}

func isNoValue(value any) bool {
	name, argument := function(value)
	return name == "Ref" && argument == "AWS::NoValue"
}

// isKnown reports whether a value is what the service will get.
func isKnown(value any) bool {
	text, _ := value.(string)
	return !isFunction(value) && !strings.Contains(text, "{{resolve:")
}

// scalar returns a single value as text.
func scalar(value any) string { return fmt.Sprint(value) }
