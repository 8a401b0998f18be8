package environment

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"sync"
	"unicode/utf8"

	"distributed-moodle/internal/spelling"
)

// rule describes the allowed values of one key. The checker applies it and the schema contains it, so it is declared once.
// Rules about several keys are in the check_ files.
type rule struct {
	oneOf   []any   // the values that are allowed
	minimum float64 // of a number; the characters of a text; the items of a list or table
	maximum float64 // 0: no bounds
	step    float64 // of a number
	pattern string  // of a text, from start to end, in the words that Go and JSON Schema share
	says    string  // what the pattern allows

	standard   any // the default; nil: none, or it depends on other keys (see fill)
	production any // the same for a production site, where it differs
}

func (r rule) bounded() bool { return r.maximum != 0 }

// obey reports a value that breaks its rule. It never sees a secret: see refuse.
func (c *checker) obey(r rule, v reflect.Value, key string) {
	switch v.Kind() {
	case reflect.String:
		c.obeyText(r, v.String(), key)
	case reflect.Int:
		c.obeyNumber(r, float64(v.Int()), key)
	case reflect.Float64:
		c.obeyNumber(r, v.Float(), key)
	case reflect.Slice, reflect.Map:
		if n := float64(v.Len()); r.bounded() && (n < r.minimum || n > r.maximum) {
			c.reject(key, "has %d items; use %s", v.Len(), r.bounds())
		}
	}
}

func (c *checker) obeyText(r rule, text, key string) {
	switch length := float64(utf8.RuneCountInString(text)); {
	case r.oneOf != nil && !slices.Contains(r.oneOf, any(text)):
		c.reject(key, "%s is not allowed; use one of %s%s", show(text), list(r.oneOf), r.hint(text))
	case text == "" && r.minimum > 0:
		c.reject(key, "is empty; set a text, or leave the key out if it is optional")
	case r.pattern != "" && !compiled(r.pattern).MatchString(text), r.pattern != "" && r.bounded() && (length < r.minimum || length > r.maximum):
		c.reject(key, "%s is not allowed; use %s", show(text), r.says)
	case r.bounded() && (length < r.minimum || length > r.maximum):
		c.reject(key, "is %v characters long; use %s", length, r.bounds())
	}
}

func (c *checker) obeyNumber(r rule, number float64, key string) {
	switch {
	case r.oneOf != nil && !slices.Contains(r.oneOf, any(int(number))):
		c.reject(key, "%v is not allowed; use one of %s", number, list(r.oneOf))
	case r.bounded() && (number < r.minimum || number > r.maximum):
		c.reject(key, "%v is not allowed; use %s", number, r.bounds())
	case r.step != 0 && math.Mod(number, r.step) != 0:
		c.reject(key, "%v is not allowed; use steps of %v", number, r.step)
	}
}

func (r rule) bounds() string { return fmt.Sprintf("%v to %v", r.minimum, r.maximum) }

func (r rule) hint(text string) string {
	var known []string
	for _, item := range r.oneOf {
		known = append(known, fmt.Sprint(item))
	}
	if near := spelling.Nearest(text, known); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

var patterns sync.Map

func compiled(pattern string) *regexp.Regexp {
	if known, ok := patterns.Load(pattern); ok {
		return known.(*regexp.Regexp)
	}
	made := regexp.MustCompile(pattern)
	patterns.Store(pattern, made)
	return made
}
