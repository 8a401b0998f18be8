package main

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestCompileTakesLimits(t *testing.T) {
	for schema, want := range map[string]string{
		`{"type": "string", "minLength": 1, "maxLength": 255}`:                                         "string(1..255)",
		`{"type": "string", "minLength": 0, "maxLength": 64, "pattern": "^a = b of c$"}`:               "string(..64) ~ ^a = b of c$",
		`{"type": "string", "pattern": "^\\u0020\\Z"}`:                                                 `string ~ ^\x20$`,
		`{"type": "string", "maxLength": 9, "enum": ["a"], "pattern": "a"}`:                            "string(..9) = a",
		`{"type": "string", "maximum": 9}`:                                                             "string",
		`{"type": "integer", "minimum": 0, "maximum": 4294967295}`:                                     "integer(0..4294967295)",
		`{"type": "number", "minimum": 0.5, "maxLength": 3}`:                                           "number(0.5..)",
		`{"type": "array", "minItems": 0, "maxItems": 5, "items": {"type": "string", "maxLength": 7}}`: "list(..5) of string(..7)",
		`{"type": "array", "minItems": 1, "uniqueItems": true, "items": {"type": "string"}}`:           "set(1..) of string",
	} {
		e, err := compile(parse(t, `{"properties": {"A": `+schema+`}}`), false)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.definitions[root]["A"]; got != want {
			t.Errorf("%s: %s, want %s", schema, got, want)
		}
	}
	for schema, want := range map[string]string{
		`{"type": "integer", "multipleOf": 60}`:         "no notation for multipleOf",
		`{"type": "string", "pattern": "^(?!aws:).*$"}`: "write it another way in rewrites",
	} {
		if _, err := compile(parse(t, `{"properties": {"A": `+schema+`}}`), false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", schema, err, want)
		}
	}
}

// TestRewrites names each pattern that Go's regexp lacks the words for, with texts that show what its other form takes and refuses.
func TestRewrites(t *testing.T) {
	examples := map[string]struct{ takes, refuses, weaker []string }{
		rewrites[0].pattern: {[]string{"Owner", ""}, []string{"a'b"}, []string{"aws:Owner"}},
		rewrites[1].pattern: {[]string{"/", "/a", "/a/b/c/d", "/a.b"}, []string{"", "a", "/a/b/c/d/e", "/.a", "/a/../b", "/a$", "//"}, nil},
		rewrites[2].pattern: {[]string{"a", strings.Repeat("a", 1024)}, []string{"", "a b", strings.Repeat("a", 1025)}, nil},
	}
	table, err := os.ReadFile("../table.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rewrites {
		t.Run(r.pattern, func(t *testing.T) {
			if _, err := regexp.Compile(r.pattern); err == nil {
				t.Error("Go's regexp takes it as it is")
			}
			if quoted := strconv.Quote(r.instead); !bytes.Contains(table, []byte(quoted[1:])) {
				t.Error("no type in the table has it")
			}
			rows, said := examples[r.pattern]
			if !said || (r.weaker == "") != (rows.weaker == nil) {
				t.Error("there are no examples of what it takes and refuses, and of where it is weaker")
			}
			instead := regexp.MustCompile(r.instead)
			for _, text := range append(rows.takes, rows.weaker...) {
				if !instead.MatchString(text) {
					t.Errorf("refuses %q", text)
				}
			}
			for _, text := range rows.refuses {
				if instead.MatchString(text) {
					t.Errorf("takes %q", text)
				}
			}
		})
	}
}
