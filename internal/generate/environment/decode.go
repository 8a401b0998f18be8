package environment

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/spelling"
)

// place is a line and column of the file, counted from 1.
type place struct{ line, column int }

func placeOf(n *yaml.Node) place { return place{n.Line, n.Column} }

// checker collects what a file says and what is wrong with it.
type checker struct {
	path     string
	places   map[string]place // of every key that is given: a value's own place, a section's key
	mistakes Mistakes
	at       map[string]bool // keys with a mistake
	below    map[string]bool // keys with a mistake at them or in what they hold
	env      *Environment
}

func newChecker(path string, env *Environment) *checker {
	return &checker{path: path, places: map[string]place{}, at: map[string]bool{}, below: map[string]bool{}, env: env}
}

// report adds a mistake.
func (c *checker) report(key string, at place, format string, args ...any) {
	c.mistakes = append(c.mistakes, Mistake{Path: c.path, Line: at.line, Column: at.column, Key: key, Message: fmt.Sprintf(format, args...)})
	c.at[key] = true
	for around := key; around != "" && !c.below[around]; around = section(around) {
		c.below[around] = true
	}
}

// section returns the key around a key: network.zones around network.zones[0], "" around network.
func section(key string) string { return key[:max(0, strings.LastIndexAny(key, ".["))] }

// reject adds a mistake at a key, or at the nearest section around it when the key is not given.
func (c *checker) reject(key, format string, args ...any) {
	around := key
	for around != "" && !c.isSet(around) {
		around = section(around)
	}
	at, ok := c.places[around]
	if !ok {
		at = place{1, 1}
	}
	c.report(key, at, format, args...)
}

func (c *checker) isSet(key string) bool {
	_, ok := c.places[key]
	return ok
}

// valid reports whether keys, the keys in them and the keys around them are free of mistakes, so that a rule can use their values.
func (c *checker) valid(keys ...string) bool {
	for _, key := range keys {
		if c.below[key] {
			return false
		}
		for around := section(key); around != ""; around = section(around) {
			if c.at[around] {
				return false
			}
		}
	}
	return true
}

// decode sets a Go value from a node. The Go types decide what is allowed: a key is declared once, by its
// field. The value's own rules (see rule) are checked here too. kind is the key with [] for [0] and .* for a map's key.
func (c *checker) decode(n *yaml.Node, v reflect.Value, key, kind string) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Style == 0 {
		c.reject(key, "has no value; give one, or leave the key out")
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		c.decode(n, v.Elem(), key, kind)
		return
	case reflect.Struct:
		c.section(n, v, key, kind)
		return
	case reflect.Map:
		c.table(n, v, key, kind)
	case reflect.Slice:
		c.list(n, v, key, kind)
	default:
		c.scalar(n, v, key)
	}
	if c.valid(key) {
		c.obey(rules[kind], v, key)
	}
}

func (c *checker) section(n *yaml.Node, v reflect.Value, key, kind string) {
	if n.Kind != yaml.MappingNode {
		c.reject(key, "is %s; use a section with the keys %s", kindOf(n), list(keysOf(v.Type())))
		return
	}
	fields := fieldsOf(v.Type())
	for i := 0; i < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		field, ok := fields[name.Value]
		if !ok {
			c.report(join(key, name.Value), placeOf(name), "%s", unknown(name.Value, kind, v.Type()))
			continue
		}
		c.remember(join(key, name.Value), name, value)
		c.decode(value, v.FieldByIndex(field.index), join(key, name.Value), join(kind, name.Value))
	}
	for _, name := range keysOf(v.Type()) {
		if fields[name].required && !c.isSet(join(key, name)) {
			c.reject(join(key, name), "is missing: %s", fields[name].doc)
		}
	}
}

// remember stores a key's place: that of its value, or of the key itself if the value is a section or a list.
func (c *checker) remember(key string, name, value *yaml.Node) {
	if value.Kind != yaml.ScalarNode || value.Tag == "!!null" {
		value = name
	}
	c.places[key] = placeOf(value)
}

// unknown returns what to use instead of an unknown key: the nearest, the same one elsewhere, or all of the section.
func unknown(name, kind string, section reflect.Type) string {
	names := keysOf(section)
	if near := spelling.Nearest(name, names); near != "" {
		return "unknown key; did you mean " + near + "?"
	}
	for _, other := range allKeys() {
		if strings.HasSuffix(other, "."+name) {
			return "unknown key here; did you mean " + other + "?"
		}
	}
	return "unknown key; allowed here: " + list(names)
}

func (c *checker) table(n *yaml.Node, v reflect.Value, key, kind string) {
	if n.Kind != yaml.MappingNode {
		c.reject(key, "is %s; use keys with texts, e.g. name: value", kindOf(n))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for i := 0; i < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		item := reflect.New(v.Type().Elem()).Elem()
		c.remember(join(key, name.Value), name, value)
		if how := misread(name); how != "" {
			c.report(join(key, name.Value), placeOf(name), "the key %s", how)
		}
		c.decode(value, item, join(key, name.Value), kind+".*")
		v.SetMapIndex(reflect.ValueOf(name.Value), item)
	}
}

func (c *checker) list(n *yaml.Node, v reflect.Value, key, kind string) {
	if n.Kind != yaml.SequenceNode {
		c.reject(key, "is %s; use a list, each item on a line of its own after \"- \"", kindOf(n))
		return
	}
	if len(n.Content) > 0 { // an empty list means what a left-out one means
		v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	}
	for i, item := range n.Content {
		each := fmt.Sprintf("%s[%d]", key, i)
		c.places[each] = placeOf(item)
		c.decode(item, v.Index(i), each, kind+"[]")
	}
}

func (c *checker) scalar(n *yaml.Node, v reflect.Value, key string) {
	expected := map[reflect.Kind]string{reflect.String: "a text", reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Float64: "a number"}[v.Kind()]
	if n.Kind != yaml.ScalarNode {
		c.reject(key, "is %s; use %s", kindOf(n), expected)
		return
	}
	if v.Kind() == reflect.String {
		c.text(n, v, key)
		return
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		c.reject(key, "is a text; use %s, without quotes", expected)
		return
	}
	if !plainValue(n.Value, v) {
		c.reject(key, "%s is not allowed; use %s", show(n.Value), expected)
	}
}

var decimal = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,8})(\.[0-9]{1,6})?$`)

// plainValue sets a truth or a number written in the one plain way: true and not yes, 8 and not 0x8 or 010.
func plainValue(text string, v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(text == "true")
		return text == "true" || text == "false"
	case reflect.Int, reflect.Float64:
		number, err := strconv.ParseFloat(text, 64)
		if err != nil || !decimal.MatchString(text) {
			return false
		}
		if v.Kind() == reflect.Float64 {
			v.SetFloat(number)
			return true
		}
		v.SetInt(int64(number))
		return number == math.Trunc(number) && !strings.Contains(text, ".")
	}
	return false
}

func (c *checker) text(n *yaml.Node, v reflect.Value, key string) {
	if c.refuse(key, n.Value) {
		return
	}
	if how := misread(n); how != "" {
		c.reject(key, "%s", how)
		return
	}
	v.SetString(n.Value)
}

var (
	// These read as truths or as numbers to base 60 in YAML 1.1, which other readers of the file may still speak.
	truth   = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false)$`)
	base60  = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)
	nothing = regexp.MustCompile(`^(~|null|Null|NULL|)$`)
)

// misread returns how YAML reads a bare word that was meant as a text, or "" if it reads it as that text.
func misread(n *yaml.Node) string {
	as := map[string]string{"!!int": "a number", "!!float": "a number", "!!bool": "true or false", "!!timestamp": "a time"}[n.Tag]
	switch {
	case n.Kind != yaml.ScalarNode || n.Style&^yaml.FlowStyle != 0:
		return ""
	case nothing.MatchString(n.Value):
		as = "nothing"
	case truth.MatchString(n.Value):
		as = "true or false"
	case base60.MatchString(n.Value):
		as = "a number to base 60"
	}
	if as == "" {
		return ""
	}
	return fmt.Sprintf("%s is read as %s by YAML; quote it: %q", show(n.Value), as, n.Value)
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a section"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	}
	return "a single value"
}
