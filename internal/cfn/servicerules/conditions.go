package servicerules

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// truth is true, false, or unknown until the deployment.
type truth int

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// wanted reports whether the condition holds as one of when: whether there is a value with its operators.
func (c *Condition) wanted(object place) truth {
	if c.Any != nil {
		best := no
		for i := range c.Any {
			best = max(best, c.Any[i].wanted(object))
		}
		return best
	}
	places := follow(object, mustSteps(c.Path))
	if c.Present != nil && !*c.Present {
		return yes - presence(places)
	}
	best := no
	for _, p := range places {
		best = max(best, c.holds(p, object))
	}
	return min(best, presence(places))
}

// kept reports whether the condition holds as one of must, and the first value that breaks it.
func (c *Condition) kept(object place) (truth, place) {
	if c.Any != nil {
		return c.anyKept(object)
	}
	places := follow(object, mustSteps(c.Path))
	worst, at := yes, place{path: strings.TrimPrefix(object.path+"."+c.Path, ".")}
	if c.Present != nil && *c.Present {
		worst = presence(places)
	} else if c.Present != nil && len(places) > 0 {
		worst, at = yes-presence(places), places[0]
	}
	for _, p := range places {
		if t := c.holds(p, object); t < worst {
			worst, at = t, p
		}
	}
	return worst, at
}

// anyKept reports whether one of the conditions holds. Where none does, the first value that breaks one is the place.
func (c *Condition) anyKept(object place) (truth, place) {
	best, at := no, object
	for i := range c.Any {
		t, one := c.Any[i].kept(object)
		best = max(best, t)
		if at.path == object.path && one.value != nil {
			at = one
		}
	}
	return best, at
}

// presence reports whether there is a value. A function gives one, but for Fn::If, which may give none.
func presence(places []place) truth {
	there := no
	for _, p := range places {
		name, _ := function(p.value)
		if p.unknown || name == "Fn::If" {
			there = max(there, unknown)
		} else {
			there = yes
		}
	}
	return there
}

// holds reports whether a value has all the operators.
func (c *Condition) holds(p, object place) truth {
	worst := yes
	for _, operator := range []struct {
		given bool
		holds func(p, object place) truth
	}{
		{c.In != nil || c.NotIn != nil || c.Matches != "" || c.MatchesNot != "", c.words},
		{c.Min != nil || c.Max != nil || c.Step != 0, c.number},
		{c.MinLength != nil || c.MaxLength != nil || c.MaxBytes != nil, c.length},
		{c.MinItems != nil || c.MaxItems != nil || c.Unique != "", c.list},
		{c.AtLeast != "", c.other},
	} {
		switch {
		case !operator.given:
		case p.unknown || !isKnown(p.value):
			worst = min(worst, unknown)
		default:
			worst = min(worst, operator.holds(p, object))
		}
	}
	return worst
}

func (c *Condition) words(p, _ place) truth {
	text := scalar(p.value)
	same := func(allowed any) bool { return equal(allowed, p.value) }
	return truthOf((c.In == nil || slices.ContainsFunc(c.In, same)) &&
		!slices.ContainsFunc(c.NotIn, same) &&
		(c.Matches == "" || compiled(c.Matches).MatchString(text)) &&
		(c.MatchesNot == "" || !compiled(c.MatchesNot).MatchString(text)))
}

func (c *Condition) number(p, _ place) truth {
	n, ok := number(p.value)
	if !ok {
		return unknown
	}
	return truthOf((c.Min == nil || n >= *c.Min) &&
		(c.Max == nil || n <= *c.Max) &&
		(c.Step == 0 || math.Mod(n, c.Step) == 0))
}

func (c *Condition) length(p, _ place) truth {
	text := scalar(p.value)
	n := utf8.RuneCountInString(text)
	return truthOf((c.MinLength == nil || n >= *c.MinLength) &&
		(c.MaxLength == nil || n <= *c.MaxLength) &&
		(c.MaxBytes == nil || len(text) <= *c.MaxBytes))
}

// list evaluates minItems, maxItems and unique. A function among the items may give one or none.
func (c *Condition) list(p, _ place) truth {
	items, ok := p.value.([]any)
	if !ok {
		return unknown // of another kind than its schema says
	}
	least, most := 0, len(items)
	for _, item := range items {
		if name, _ := function(item); name != "Fn::If" && !isNoValue(item) {
			least++
		} else if name != "Fn::If" {
			most--
		}
	}
	answer := yes
	if c.MinItems != nil {
		answer = min(answer, atLeast(least, most, *c.MinItems))
	}
	if c.MaxItems != nil {
		answer = min(answer, yes-atLeast(least, most, *c.MaxItems+1))
	}
	if c.Unique != "" {
		answer = min(answer, c.unique(items))
	}
	return answer
}

// atLeast reports whether a count that lies between two numbers reaches a third.
func atLeast(least, most, wanted int) truth {
	switch {
	case least >= wanted:
		return yes
	case most < wanted:
		return no
	}
	return unknown
}

func (c *Condition) unique(items []any) truth {
	seen, answer := map[string]bool{}, yes
	for _, item := range items {
		for _, p := range follow(place{value: item}, mustSteps(c.Unique)) {
			if p.unknown || !isKnown(p.value) {
				answer = min(answer, unknown)
				continue
			}
			key := scalar(p.value)
			if c.Fold {
				key = strings.ToLower(key)
			}
			if seen[key] {
				return no
			}
			seen[key] = true
		}
	}
	return answer
}

func (c *Condition) other(p, object place) truth {
	answer := yes
	for _, other := range follow(object, mustSteps(c.AtLeast)) {
		n, ok := number(p.value)
		m, known := number(other.value)
		if !ok || !known {
			answer = min(answer, unknown)
		} else if n < m+c.By {
			return no
		}
	}
	return answer
}

// number returns the number that a value is, or that a text is.
func number(value any) (float64, bool) {
	if _, ok := value.(bool); ok {
		return 0, false
	}
	n, err := strconv.ParseFloat(fmt.Sprint(value), 64)
	return n, err == nil
}

func equal(a, b any) bool {
	if n, ok := number(a); ok {
		m, ok := number(b)
		return ok && n == m
	}
	return scalar(a) == scalar(b)
}

var (
	patterns sync.Map // by their text
	paths    sync.Map
)

func compiled(pattern string) *regexp.Regexp {
	known, ok := patterns.Load(pattern)
	if !ok {
		known, _ = patterns.LoadOrStore(pattern, regexp.MustCompile(pattern)) // a test compiles each
	}
	return known.(*regexp.Regexp)
}

func mustSteps(path string) []step {
	known, ok := paths.Load(path)
	if !ok {
		all, err := steps(path)
		if err != nil {
			panic("servicerules: " + err.Error()) // a test splits each
		}
		known, _ = paths.LoadOrStore(path, all)
	}
	return known.([]step)
}
