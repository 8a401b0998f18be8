package schema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
)

//go:embed table.json
var tableJSON []byte

// definition holds the properties of one object by name, each in the notation of the table:
//
//	string                       integer, number, boolean and json likewise
//	string(1..255), integer(1..) how many characters, how large; either end may be missing
//	string = generalPurpose | maxIO
//	string(..64) ~ ^[a-z]+$      the pattern that is found in the text; to the end of the notation
//	list of string, set of Tag   a set allows no item twice
//	list(1..5) of string         how many items
//	map of string                free keys
//	Tag                          the object that is defined under that name
//
// A pattern is one that both Go's regexp and Python's re understand, but for \p{L} and the like, which the local AWS
// spells out (localaws/schema.py).
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
	word, rest := text, ""
	if end := strings.IndexAny(text, "( "); end >= 0 {
		word, rest = text[:end], text[end:]
	}
	p := &Property{Kind: Kind(word), of: t}
	if inner, ok := strings.CutPrefix(rest, "("); ok {
		var bounds string
		bounds, rest, _ = strings.Cut(inner, ")")
		p.Bounds = readBounds(bounds)
	}
	switch p.Kind {
	case List, Map, "set":
		p.Items = t.read(strings.TrimPrefix(rest, " of "))
		if word == "set" {
			p.Kind, p.Unique = List, true
		}
	case String, Integer, Number, Boolean, JSON:
		if values, ok := strings.CutPrefix(rest, " = "); ok {
			p.Enum = strings.Split(values, " | ")
		}
		if pattern, ok := strings.CutPrefix(rest, " ~ "); ok {
			p.Pattern = pattern
		}
	default:
		p.Kind, p.object = Object, word
	}
	return p
}

// readBounds reads 1..255, 1.. or ..255.
func readBounds(text string) *Bounds {
	low, high, _ := strings.Cut(text, "..")
	return &Bounds{bound(low, math.Inf(-1)), bound(high, math.Inf(1))}
}

func bound(text string, missing float64) float64 {
	if text == "" {
		return missing
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Sprintf("schema: table.json: %v; run go generate ./internal/cfn/schema", err))
	}
	return n
}
