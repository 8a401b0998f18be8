package servicerules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

func condition(t *testing.T, text string) *Condition {
	t.Helper()
	c := new(Condition)
	if err := yaml.Unmarshal([]byte(text), c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestConditions has, for each operator, values that are true, false and unknown, under must and under when.
func TestConditions(t *testing.T) {
	for _, row := range []struct {
		condition, object string
		must, when        truth
	}{
		{"{path: A, present: true}", "{A: 1}", yes, yes},
		{"{path: A, present: true}", "{B: 1}", no, no},
		{"{path: A, present: true}", "{A: {Ref: X}}", yes, yes},
		{"{path: A, present: true}", "{A: {Ref: 'AWS::NoValue'}}", no, no},
		{"{path: A, present: true}", "{A: {'Fn::If': [C, 1, 2]}}", unknown, unknown},
		{"{path: A.B, present: true}", "{A: {Ref: X}}", unknown, unknown},
		{"{path: A, present: false}", "{A: 1}", no, no},
		{"{path: A, present: false}", "{A: {'Fn::If': [C, 1, 2]}}", unknown, unknown},
		{"{path: A, present: true, in: [1]}", "{B: 1}", no, no},
		{"{path: A, present: true, in: [1]}", "{A: 2}", no, no},
		{"{path: A, in: [a, 1]}", "{A: '1'}", yes, yes},
		{"{path: A, in: [a, 1]}", "{A: b}", no, no},
		{"{path: A, in: [true]}", "{A: 'true'}", yes, yes},
		{"{path: A, in: [a]}", "{}", yes, no}, // absent
		{"{path: A, in: [a]}", "{A: {Ref: X}}", unknown, unknown},
		{"{path: A, in: [a]}", "{A: '{{resolve:ssm:x}}'}", unknown, unknown},
		{"{path: A, notIn: [a]}", "{A: a}", no, no},
		{"{path: A, notIn: [a]}", "{A: b}", yes, yes},
		{"{path: A, matches: ^a}", "{A: ab}", yes, yes},
		{"{path: A, matches: ^a}", "{A: ba}", no, no},
		{"{path: A, matchesNot: ^a}", "{A: ab}", no, no},
		{"{path: A, min: 2, max: 3}", "{A: 2}", yes, yes},
		{"{path: A, min: 2, max: 3}", "{A: '3.5'}", no, no},
		{"{path: A, min: 2}", "{A: many}", unknown, unknown},
		{"{path: A, step: 0.5}", "{A: 1.5}", yes, yes},
		{"{path: A, step: 0.5}", "{A: 1.3}", no, no},
		{"{path: A, minLength: 2, maxLength: 3}", "{A: üü}", yes, yes},
		{"{path: A, minLength: 2, maxLength: 3}", "{A: ü}", no, no},
		{"{path: A, maxBytes: 3}", "{A: üü}", no, no},
		{"{path: A, minItems: 2}", "{A: [1, {Ref: X}]}", yes, yes},
		{"{path: A, minItems: 2}", "{A: [1]}", no, no},
		{"{path: A, minItems: 2}", "{A: [1, {'Fn::If': [C, 1, 2]}]}", unknown, unknown},
		{"{path: A, minItems: 2}", "{A: [1, {Ref: 'AWS::NoValue'}]}", no, no},
		{"{path: A, minItems: 2}", "{A: {'Fn::Split': [',', x]}}", unknown, unknown},
		{"{path: A, maxItems: 1}", "{A: [1, {'Fn::If': [C, 1, 2]}]}", unknown, unknown},
		{"{path: A, maxItems: 1}", "{A: [1, 2]}", no, no},
		{"{path: A, unique: K}", "{A: [{K: a}, {K: A}, {}, {}]}", yes, yes},
		{"{path: A, unique: K, fold: true}", "{A: [{K: a}, {K: A}]}", no, no},
		{"{path: A, unique: K}", "{A: [{K: a}, {K: {Ref: X}}]}", unknown, unknown},
		{"{path: A, unique: .}", "{A: [a, a]}", no, no},
		{"{path: A, atLeast: B}", "{A: 2, B: 2}", yes, yes},
		{"{path: A, atLeast: B, by: 1}", "{A: 2, B: 2}", no, no},
		{"{path: A, atLeast: B}", "{A: 2}", yes, yes},
		{"{path: A, atLeast: B}", "{A: 2, B: {Ref: X}}", unknown, unknown},
		{"any: [{path: A, in: [1]}, {path: B, in: [1]}]", "{A: 2, B: 1}", yes, yes},
		{"any: [{path: A, in: [1]}, {path: B, in: [1]}]", "{A: 2, B: 2}", no, no},
		{"any: [{path: A, in: [1]}, {path: B, in: [1]}]", "{A: 2, B: {Ref: X}}", unknown, unknown},
		{"{path: 'A[].B', in: [1]}", "{A: [{B: 1}, {B: 2}, {}]}", no, yes},
		{"{path: 'A[].B', in: [1]}", "{A: [{B: 2}, {Ref: X}]}", no, unknown},
		{"{path: 'A[K=x].B', in: [1]}", "{A: [{K: x, B: 1}, {K: y, B: 2}]}", yes, yes},
		{"{path: 'A[K=x].B', in: [1]}", "{A: [{K: {Ref: X}, B: 2}]}", unknown, unknown},
		{"{path: 'A{x.y}', in: [1]}", "{A: {x.y: 2}}", no, no},
		{"{path: ., matches: a}", "b", no, no},
	} {
		c := condition(t, row.condition)
		var object any
		if err := yaml.Unmarshal([]byte(row.object), &object); err != nil {
			t.Fatal(err)
		}
		if got, _ := c.kept(place{value: object}); got != row.must {
			t.Errorf("must %s of %s: %v, want %v", row.condition, row.object, got, row.must)
		}
		if got := c.wanted(place{value: object}); got != row.when {
			t.Errorf("when %s of %s: %v, want %v", row.condition, row.object, got, row.when)
		}
	}
}

// TestOperatorsMeanWhatTheySay compares each operator with its meaning, for any text.
func TestOperatorsMeanWhatTheySay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 6, -1).Draw(t, "text")
		n := rapid.IntRange(0, 6).Draw(t, "n")
		words := []any{rapid.StringN(0, 2, -1).Draw(t, "word"), text[:len(text)/2]}
		among := slices.ContainsFunc(words, func(w any) bool { return equal(w, text) })
		const pattern = `^[a-z]+$`
		number, isNumber := number(text)
		bound := float64(n)
		for _, row := range []struct {
			c    Condition
			want truth
		}{
			{Condition{In: words}, truthOf(among)},
			{Condition{NotIn: words}, truthOf(!among)},
			{Condition{Matches: pattern}, truthOf(regexp.MustCompile(pattern).MatchString(text))},
			{Condition{MatchesNot: pattern}, truthOf(!regexp.MustCompile(pattern).MatchString(text))},
			{Condition{MinLength: &n}, truthOf(utf8.RuneCountInString(text) >= n)},
			{Condition{MaxLength: &n}, truthOf(utf8.RuneCountInString(text) <= n)},
			{Condition{MaxBytes: &n}, truthOf(len(text) <= n)},
			{Condition{Min: &bound}, map[bool]truth{true: truthOf(number >= bound), false: unknown}[isNumber]},
			{Condition{Max: &bound}, map[bool]truth{true: truthOf(number <= bound), false: unknown}[isNumber]},
		} {
			row.c.Path = "A"
			if strings.Contains(text, "{{resolve:") {
				row.want = unknown
			}
			object := place{value: map[string]any{"A": text}}
			if got, _ := row.c.kept(object); got != row.want || row.c.wanted(object) != row.want {
				t.Errorf("%+v of %q: %v, want %v", row.c, text, got, row.want)
			}
			hidden := place{value: map[string]any{"A": map[string]any{"Fn::Sub": text}}}
			if got, _ := row.c.kept(hidden); got != unknown {
				t.Errorf("%+v of a function: %v", row.c, got)
			}
		}
	})
}

// TestWhatAFunctionHidesIsNeverReported replaces each value of each example that passes by a function, one at a time.
func TestWhatAFunctionHidesIsNeverReported(t *testing.T) {
	all := readExamples(t)
	for _, rule := range Rules() {
		for _, example := range all[rule.ID].Passes {
			site := all[rule.ID].site(&rule, example)
			for id, r := range site.Templates[0].Values["Resources"].(map[string]any) {
				body := r.(map[string]any)
				properties, _ := body["Properties"].(map[string]any)
				hide(properties, func(path string) {
					for _, v := range check([]Rule{rule}, site) {
						t.Errorf("with a function at %s%s: %s", id, path, v)
					}
				})
			}
		}
	}
}

// hide replaces each value below a value by a function while it calls try.
func hide(value any, try func(path string)) {
	each := func(path string, inner any, set func(any)) {
		if !isFunction(inner) {
			set(map[string]any{"Fn::ImportValue": "hidden"})
			try(path)
			set(inner)
			hide(inner, func(below string) { try(path + below) })
		}
	}
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			each("."+key, inner, func(new any) { v[key] = new })
		}
	case []any:
		for i, inner := range v[:min(len(v), 3)] {
			each(fmt.Sprintf("[%d]", i), inner, func(new any) { v[i] = new })
		}
	}
}
