package template

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Value is a value in a template: a literal, a list, a mapping or an intrinsic function. The zero Value is one that is
// not there.
type Value struct{ v any }

// Exists reports whether the value is there.
func (v Value) Exists() bool { return v.v != nil }

// At returns the value at a dotted path below this one, list items by number. It does not look into what an intrinsic
// function works out.
func (v Value) At(path string) Value {
	for _, step := range strings.Split(path, ".") {
		switch inner := v.v.(type) {
		case map[string]any:
			v = Value{inner[step]}
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 {
				return Value{}
			}
			v = Value{at(inner, i)}
		default:
			return Value{}
		}
	}
	return v
}

// Items returns the items of a list. A single value is a list of one, as policy documents and DependsOn have it.
func (v Value) Items() []Value {
	list, ok := v.v.([]any)
	if !ok {
		if v.v == nil {
			return nil
		}
		return []Value{v}
	}
	items := make([]Value, 0, len(list))
	for _, item := range list {
		items = append(items, Value{item})
	}
	return items
}

// IsList reports whether the value is a list.
func (v Value) IsList() bool {
	_, ok := v.v.([]any)
	return ok
}

// Keys returns the keys of a mapping, sorted; none for anything else.
func (v Value) Keys() []string { return sortedKeys(mapOf(v.v)) }

// Key returns the value of a mapping's key, which may have dots in it.
func (v Value) Key(key string) Value { return Value{mapOf(v.v)[key]} }

// Literal returns the text of a value that is written out: a text, number or truth value, or a !Sub that puts nothing
// in. It is false for anything that CloudFormation works out, and for what is not there.
func (v Value) Literal() (string, bool) {
	if isScalar(v.v) {
		return v.String(), true
	}
	if m := mapOf(v.v); len(m) == 1 {
		text, ok := m["Fn::Sub"].(string)
		return text, ok && !strings.Contains(text, "${")
	}
	return "", false
}

// Number returns a literal number, also one that is written as a text.
func (v Value) Number() (float64, bool) {
	switch n := v.v.(type) {
	case int:
		return float64(n), true
	case float64:
		return n, true
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
		return f, err == nil
	}
	return 0, false
}

// IsTrue reports whether the value is literally true, also as a text.
func (v Value) IsTrue() bool { return isScalar(v.v) && strings.EqualFold(v.String(), "true") }

// Equal reports whether two values mean the same: CloudFormation takes numbers and truth values as their texts, in any
// place.
func (v Value) Equal(other Value) bool { return equal(v.v, other.v) }

// MarshalJSON returns the value with sorted keys.
func (v Value) MarshalJSON() ([]byte, error) { return json.Marshal(v.v) }

// String returns the value as a person reads it: a literal as it is, an intrinsic function in its short form, a mapping
// as {Key: value}; "" for one that is not there.
func (v Value) String() string {
	switch inner := v.v.(type) {
	case nil:
		return ""
	case []any:
		return "[" + strings.Join(texts(v.Items()), ", ") + "]"
	case map[string]any:
		if name, argument, ok := intrinsic(inner); ok {
			return intrinsicText(strings.TrimPrefix(name, "Fn::"), argument)
		}
		var items []string
		for _, key := range v.Keys() {
			items = append(items, key+": "+v.Key(key).String())
		}
		return "{" + strings.Join(items, ", ") + "}"
	case float64:
		text := strconv.FormatFloat(inner, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0" // EngineVersion: 8.0 is not 8
		}
		return text
	}
	return fmt.Sprint(v.v)
}

func intrinsicText(name string, argument any) string {
	if list, ok := argument.([]any); ok && name == "GetAtt" {
		return "!GetAtt " + strings.Join(texts(Value{list}.Items()), ".")
	}
	return "!" + name + " " + Value{argument}.String()
}

func texts(values []Value) []string {
	all := make([]string, 0, len(values))
	for _, v := range values {
		all = append(all, v.String())
	}
	return all
}

// intrinsic recognizes an intrinsic function: a mapping with one key that is its name.
func intrinsic(m map[string]any) (name string, argument any, ok bool) {
	if len(m) != 1 {
		return "", nil, false
	}
	for name, argument = range m {
	}
	return name, argument, name == "Ref" || strings.HasPrefix(name, "Fn::")
}

func isIntrinsic(m map[string]any) bool {
	_, _, ok := intrinsic(m)
	return ok
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

func equal(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && len(a) == len(b) && !slices.ContainsFunc(sortedKeys(a), func(key string) bool {
			other, has := b[key]
			return !has || !equal(a[key], other)
		})
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	}
	return isScalar(b) && equalScalars(a, b)
}

// equalScalars compares two literals. A number is the same as a text of its value (0 and "0.0"), a truth value as its
// text in any case; two texts are the same only letter by letter, since 5.1 and 5.10 are two versions.
func equalScalars(a, b any) bool {
	x, y := Value{a}, Value{b}
	if _, isBool := a.(bool); isBool {
		return strings.EqualFold(x.String(), y.String())
	}
	if _, isBool := b.(bool); isBool {
		return strings.EqualFold(x.String(), y.String())
	}
	if x.String() == y.String() {
		return true
	}
	_, aIsText := a.(string)
	_, bIsText := b.(string)
	m, isNumber := x.plainNumber()
	n, isNumberToo := y.plainNumber()
	return !(aIsText && bIsText) && isNumber && isNumberToo && m == n
}

// plainNumber returns a number, also one that is written as a text without the zeros in front that an account's id may
// have.
func (v Value) plainNumber() (float64, bool) {
	text := v.String()
	if !isInt.MatchString(text) && !isFloat.MatchString(text) {
		return 0, false
	}
	return v.Number()
}
