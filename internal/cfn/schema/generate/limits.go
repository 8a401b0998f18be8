package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// limits are a schema's limits of a value. A limit for another kind than the schema's own (a text's minimum, a number's
// maxLength) has no effect in JSON Schema, and is not in the table.
type limits struct {
	Pattern   string      `json:"pattern"`
	MinLength json.Number `json:"minLength"`
	MaxLength json.Number `json:"maxLength"`
	Minimum   json.Number `json:"minimum"`
	Maximum   json.Number `json:"maximum"`
	MinItems  json.Number `json:"minItems"`
	MaxItems  json.Number `json:"maxItems"`

	// No schema in use has one of these. They are read to say so when one comes.
	MultipleOf       json.RawMessage `json:"multipleOf"`
	ExclusiveMinimum json.RawMessage `json:"exclusiveMinimum"`
	ExclusiveMaximum json.RawMessage `json:"exclusiveMaximum"`
}

// known refuses a keyword that the table has no notation for.
func (l *limits) known() error {
	for name, value := range map[string]json.RawMessage{
		"multipleOf": l.MultipleOf, "exclusiveMinimum": l.ExclusiveMinimum, "exclusiveMaximum": l.ExclusiveMaximum,
	} {
		if value != nil {
			return fmt.Errorf("the table has no notation for %s yet", name)
		}
	}
	if _, err := regexp.Compile(rewritten(l.Pattern)); err != nil {
		return fmt.Errorf("%w: write it another way in rewrites", err)
	}
	return nil
}

// count writes the bounds of a length, which is never below zero.
func count(low, high json.Number) string {
	if low == "0" {
		low = ""
	}
	return bounds(low, high)
}

// bounds writes a range, of which either end may be missing.
func bounds(low, high json.Number) string {
	if low == "" && high == "" {
		return ""
	}
	return "(" + low.String() + ".." + high.String() + ")"
}

func (l *limits) pattern() string {
	if l.Pattern == "" {
		return ""
	}
	return " ~ " + rewritten(l.Pattern)
}

// rewrite is a pattern that Go's regexp lacks the words for, in other words.
type rewrite struct {
	pattern, instead string
	weaker           string // what it takes that the pattern refuses, "" if nothing
}

// rewrites are these patterns. The schemas are written for Java, whose patterns look ahead; Go's don't.
var rewrites = []rewrite{
	{
		`^(?!aws:)[a-zA-Z0-9 _\.\/=+:\-@]*$`, `^[a-zA-Z0-9 _\.\/=+:\-@]*$`,
		"a key that begins with aws:, which the service rules refuse for the tags of every type",
	},
	{
		"^(\\/|(\\/(?!\\.)+[^$#<>;`|&?{}^*/\\n]+){1,4})$",
		"^(\\/|(\\/[^.$#<>;`|&?{}^*/\\n][^$#<>;`|&?{}^*/\\n]*){1,4})$",
		"",
	},
	{`^[0-9A-Za-z_:-]{1,1024}$`, `^[0-9A-Za-z_:-]{1,512}[0-9A-Za-z_:-]{0,512}$`, ""}, // Go counts to 1000
}

// spelled writes what Java and Go spell in two ways. Python's re, with which the local AWS reads the table, knows Go's.
var spelled = strings.NewReplacer(`\u00`, `\x`, `\Z`, `$`)

func rewritten(pattern string) string {
	for _, r := range rewrites {
		if r.pattern == pattern {
			return r.instead
		}
	}
	return spelled.Replace(pattern)
}
