package schema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

//go:embed table.json
var tableJSON []byte

// definition holds the properties of one object by name, each in the notation of the table:
//
//	string                       integer, number, boolean and json likewise
//	string = generalPurpose | maxIO
//	list of string, set of Tag   a set allows no item twice
//	map of string                free keys
//	Tag                          the object that is defined under that name
type definition map[string]notation

type notation struct {
	text     string
	required bool
}

// table maps the name of each type to what parses it, once.
var table = sync.OnceValue(func() map[string]func() *Type {
	raw := parseTable()
	types := make(map[string]func() *Type, len(raw))
	for name, text := range raw {
		types[name] = sync.OnceValue(func() *Type { return parseType(name, text) })
	}
	return types
})

func parseTable() map[string]json.RawMessage {
	var raw struct {
		Types map[string]json.RawMessage `json:"types"`
	}
	if err := json.Unmarshal(tableJSON, &raw); err != nil {
		panic(fmt.Sprintf("schema: table.json: %v; run go generate ./internal/cfn/schema", err))
	}
	return raw.Types
}

func parseType(name string, text []byte) *Type {
	var raw struct {
		Tags                  string
		CreateOnly            []string
		ConditionalCreateOnly []string
		ReadOnly              []string
		WriteOnly             []string
		Attributes            []string
		Definitions           map[string]map[string]string
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		panic(fmt.Sprintf("schema: %s in table.json: %v; run go generate ./internal/cfn/schema", name, err))
	}
	t := &Type{
		Name:                  name,
		Tags:                  raw.Tags,
		CreateOnly:            raw.CreateOnly,
		ConditionalCreateOnly: raw.ConditionalCreateOnly,
		ReadOnly:              raw.ReadOnly,
		WriteOnly:             raw.WriteOnly,
		Attributes:            raw.Attributes,
		definitions:           make(map[string]definition, len(raw.Definitions)),
	}
	for object, properties := range raw.Definitions {
		d := make(definition, len(properties))
		for key, text := range properties {
			property, required := strings.CutSuffix(key, "!")
			d[property] = notation{text, required}
		}
		t.definitions[object] = d
	}
	return t
}

// property reads the notation of one property of the object that is defined under a name.
func (t *Type) property(object, name string) (*Property, bool) {
	n, ok := t.definitions[object][name]
	if !ok {
		return nil, false
	}
	p := t.read(n.text)
	p.Name, p.Required = name, n.required
	return p, true
}

func (t *Type) read(text string) *Property {
	if items, ok := strings.CutPrefix(text, "list of "); ok {
		return &Property{Kind: List, Items: t.read(items), of: t}
	}
	if items, ok := strings.CutPrefix(text, "set of "); ok {
		return &Property{Kind: List, Unique: true, Items: t.read(items), of: t}
	}
	if items, ok := strings.CutPrefix(text, "map of "); ok {
		return &Property{Kind: Map, Items: t.read(items), of: t}
	}
	kind, values, limited := strings.Cut(text, " = ")
	p := &Property{Kind: Kind(kind), of: t}
	switch p.Kind {
	case String, Integer, Number, Boolean, JSON:
		if limited {
			p.Enum = strings.Split(values, " | ")
		}
	default:
		p.Kind, p.object = Object, kind
	}
	return p
}
