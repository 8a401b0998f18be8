package cfntest

import (
	"fmt"
	"reflect"
	"strings"
)

// unknown is what a description says of a value that only the doing will tell (import-missing-export.json).
const unknown = "{{changeSet:KNOWN_AFTER_APPLY}}"

// scope is where a template's values come from.
type scope struct {
	account    *Account
	stack      *stack
	template   *template
	parameters map[string]string
	// resource gives what Ref (attribute "") or Fn::GetAtt say of a resource.
	resource func(id, attribute string) (any, error)
	// missing is what an import gives that nobody exports; nil makes it an error.
	missing any
	absent  []string // the exports that were missing
}

// value evaluates an expression.
func (s *scope) value(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		return s.list(v)
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok {
			return s.apply(name, argument)
		}
		return s.object(v)
	}
	return v, nil
}

func (s *scope) list(items []any) (any, error) {
	all := make([]any, 0, len(items))
	for _, item := range items {
		v, err := s.value(item)
		if err != nil {
			return nil, err
		}
		if _, none := v.(noValue); !none {
			all = append(all, v)
		}
	}
	return all, nil
}

func (s *scope) object(m map[string]any) (map[string]any, error) {
	all := make(map[string]any, len(m))
	for key, item := range m {
		v, err := s.value(item)
		if err != nil {
			return nil, err
		}
		if _, none := v.(noValue); !none {
			all[key] = v
		}
	}
	return all, nil
}

// noValue is AWS::NoValue: a property with it is omitted.
type noValue struct{}

// properties evaluates the properties of a resource.
func (s *scope) properties(definition map[string]any) (map[string]any, error) {
	return s.object(propertiesOf(definition))
}

// text evaluates an expression that is a text.
func (s *scope) text(v any) (string, error) {
	out, err := s.value(v)
	if err != nil {
		return "", err
	}
	return textOf(out), nil
}

func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		parts := make([]string, 0, len(v))
		for _, item := range v {
			parts = append(parts, textOf(item))
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(v)
}

// intrinsic recognizes a function: a mapping with one key that is its name.
func intrinsic(m map[string]any) (name string, argument any, ok bool) {
	if len(m) != 1 {
		return "", nil, false
	}
	for name, argument := range m {
		if name == "Ref" || name == "Condition" || strings.HasPrefix(name, "Fn::") {
			return name, argument, true
		}
	}
	return "", nil, false
}

// hasUnknown reports whether a value holds something that is not known yet.
func hasUnknown(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, unknown) || strings.Contains(v, "{{IntrinsicFunction:")
	case []any:
		for _, item := range v {
			if hasUnknown(item) {
				return true
			}
		}
	case map[string]any:
		for _, item := range v {
			if hasUnknown(item) {
				return true
			}
		}
	}
	return false
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// reference is a place in an expression that refers to another name's value.
type reference struct {
	name      string // of a resource or parameter
	attribute string // of Fn::GetAtt, "" of Ref
	at        []string
}

// references finds the names that an expression takes values from, pseudo parameters left out.
func references(v any, at []string) []reference {
	switch v := v.(type) {
	case []any:
		var all []reference
		for i, item := range v {
			all = append(all, references(item, below(at, fmt.Sprint(i)))...)
		}
		return all
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok {
			return referencesOf(name, argument, at)
		}
		var all []reference
		for _, key := range sortedKeys(v) {
			all = append(all, references(v[key], below(at, key))...)
		}
		return all
	}
	return nil
}

func below(at []string, step string) []string { return append(append([]string(nil), at...), step) }

func referencesOf(function string, argument any, at []string) []reference {
	var all []reference
	switch function {
	case "Ref":
		all = append(all, reference{name: fmt.Sprint(argument)})
	case "Fn::GetAtt":
		id, attribute := getAtt(argument)
		all = append(all, reference{name: id, attribute: attribute})
	case "Fn::Sub":
		pattern, locals := subArguments(argument)
		_, _ = substitute(pattern, func(name string) (string, error) {
			if _, local := locals[name]; !local {
				id, attribute, _ := strings.Cut(name, ".")
				all = append(all, reference{name: id, attribute: attribute})
			}
			return "", nil
		})
		all = append(all, references(map[string]any(locals), nil)...)
	default:
		all = references(argument, nil)
	}
	kept := all[:0]
	for _, r := range all {
		if r.at = at; !strings.HasPrefix(r.name, "AWS::") {
			kept = append(kept, r)
		}
	}
	return kept
}
