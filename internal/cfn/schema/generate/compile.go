package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// source is a resource schema as CloudFormation publishes it.
type source struct {
	TypeName              string           `json:"typeName"`
	Properties            map[string]*node `json:"properties"`
	Definitions           map[string]*node `json:"definitions"`
	Required              []string         `json:"required"`
	CreateOnly            []string         `json:"createOnlyProperties"`
	ConditionalCreateOnly []string         `json:"conditionalCreateOnlyProperties"`
	ReadOnly              []string         `json:"readOnlyProperties"`
	WriteOnly             []string         `json:"writeOnlyProperties"`
	Tagging               struct {
		Taggable    *bool  `json:"taggable"`
		TagProperty string `json:"tagProperty"`
	} `json:"tagging"`
}

// node is one JSON Schema inside of it.
type node struct {
	Ref         string           `json:"$ref"`
	Type        kinds            `json:"type"`
	Items       *node            `json:"items"`
	UniqueItems bool             `json:"uniqueItems"`
	Properties  map[string]*node `json:"properties"`
	Required    []string         `json:"required"`
	Patterns    map[string]*node `json:"patternProperties"`
	Additional  json.RawMessage  `json:"additionalProperties"`
	OneOf       []*node          `json:"oneOf"`
	Enum        []any            `json:"enum"`
	limits
}

// kinds is a schema's type: a word or a list of words.
type kinds []string

func (k *kinds) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return json.Unmarshal(text, (*[]string)(k))
	}
	*k = kinds{""}
	return json.Unmarshal(text, &(*k)[0])
}

// entry is one type of the table. A definition maps the names of an object's properties (with
// a ! behind those required) to what they hold, in the notation that package schema reads.
type entry struct {
	tags                                                               string
	createOnly, conditionalCreateOnly, readOnly, writeOnly, attributes []string
	definitions                                                        map[string]map[string]string
}

// root is the name of the definition that holds the resource's own properties.
const root = "Properties"

// compile turns a schema into its entry. allProperties means that every property is an attribute.
func compile(s *source, allProperties bool) (*entry, error) {
	c := &compiler{source: s, definitions: map[string]map[string]string{}}
	if _, taken := s.Definitions[root]; taken {
		return nil, fmt.Errorf("a definition is named %s", root)
	}
	if _, err := c.object(root, &node{Properties: s.Properties, Required: s.Required}); err != nil {
		return nil, err
	}
	e := &entry{
		createOnly:            dotted(s.CreateOnly),
		conditionalCreateOnly: dotted(s.ConditionalCreateOnly),
		readOnly:              dotted(s.ReadOnly),
		writeOnly:             dotted(s.WriteOnly),
		attributes:            c.attributes(allProperties),
		definitions:           c.definitions,
	}
	if taggable := s.Tagging.Taggable; taggable == nil || *taggable {
		e.tags = strings.TrimPrefix(s.Tagging.TagProperty, "/properties/")
	}
	return e, nil
}

// dotted turns pointers (/properties/A/*/B) into sorted paths (A.B): a list's items are implied.
func dotted(pointers []string) []string {
	paths := make([]string, len(pointers))
	for i, pointer := range pointers {
		path := strings.ReplaceAll(strings.TrimPrefix(pointer, "/properties/"), "/*", "")
		paths[i] = strings.ReplaceAll(path, "/", ".")
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

type compiler struct {
	source      *source
	definitions map[string]map[string]string
}

// object writes the definition of an object under the given name, once, and returns the name.
func (c *compiler) object(name string, n *node) (string, error) {
	if _, done := c.definitions[name]; done {
		return name, nil
	}
	definition := map[string]string{}
	c.definitions[name] = definition
	for _, property := range slices.Sorted(maps.Keys(n.Properties)) {
		inline := name + "." + property
		if name == root {
			inline = "." + property
		}
		text, err := c.notation(inline, n.Properties[property])
		if err != nil {
			return "", err
		}
		key := property
		if slices.Contains(n.Required, property) {
			key += "!"
		}
		definition[key] = text
	}
	return name, nil
}

// notation returns what a property holds, in the table's notation. An object that has no name of its own gets that of
// its place.
func (c *compiler) notation(place string, n *node) (string, error) {
	if n.Ref != "" {
		name := strings.TrimPrefix(n.Ref, "#/definitions/")
		target, ok := c.source.Definitions[name]
		if !ok {
			return "", fmt.Errorf("%s: %s leads nowhere", place, n.Ref)
		}
		return c.notation(name, target)
	}
	if len(n.Type) != 1 {
		return "json", nil // no type or several, such as a policy's "object or string"
	}
	if err := n.known(); err != nil {
		return "", fmt.Errorf("%s: %w", place, err)
	}
	switch kind := n.Type[0]; kind {
	case "string":
		return kind + count(n.MinLength, n.MaxLength) + cmp.Or(choices(n.Enum), n.pattern()), nil
	case "integer", "number":
		return kind + bounds(n.Minimum, n.Maximum) + choices(n.Enum), nil
	case "boolean":
		return kind + choices(n.Enum), nil
	case "array":
		return c.list(place, n)
	case "object":
		return c.mapping(place, n)
	default:
		return "", fmt.Errorf("%s: unknown kind %q", place, kind)
	}
}

func (c *compiler) list(place string, n *node) (string, error) {
	word := "list"
	if n.UniqueItems {
		word = "set"
	}
	word += count(n.MinItems, n.MaxItems) + " of "
	if n.Items == nil {
		return word + "json", nil
	}
	item, err := c.notation(place, n.Items)
	return word + item, err
}

// mapping distinguishes the four forms of an object: known properties, free keys with values of
// one kind, nothing at all, and anything.
func (c *compiler) mapping(place string, n *node) (string, error) {
	properties := maps.Clone(n.Properties)
	for _, way := range n.OneOf { // alternatives that bring properties of their own
		if properties == nil && way.Properties != nil {
			properties = map[string]*node{}
		}
		maps.Copy(properties, way.Properties)
	}
	switch {
	case len(properties) > 0:
		return c.object(place, &node{Properties: properties, Required: n.Required})
	case len(n.Patterns) == 1:
		for _, value := range n.Patterns {
			text, err := c.notation(place, value)
			return "map of " + text, err
		}
	case string(n.Additional) == "false":
		return c.object(place, &node{})
	}
	return "json", nil
}

// choices writes an enumeration, unless it is too long to be of use to a reader.
func choices(enum []any) string {
	values := make([]string, len(enum))
	for i, value := range enum {
		values[i] = fmt.Sprint(value)
	}
	slices.Sort(values)
	text := strings.Join(values, " | ")
	if len(enum) == 0 || len(enum) > 16 || len(text) > 250 {
		return ""
	}
	return " = " + text
}
