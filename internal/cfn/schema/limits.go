package schema

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// has reports whether a number lies within the bounds; a nil one has all.
func (b *Bounds) has(n float64) bool { return b == nil || b.Min <= n && n <= b.Max }

func (b *Bounds) String() string {
	switch {
	case math.IsInf(b.Min, -1):
		return fmt.Sprintf("at most %v", b.Max)
	case math.IsInf(b.Max, 1):
		return fmt.Sprintf("at least %v", b.Min)
	case b.Min == b.Max:
		return fmt.Sprint(b.Min)
	}
	return fmt.Sprintf("%v to %v", b.Min, b.Max)
}

// compiled holds the patterns by their text: many types share a few.
var compiled sync.Map

func matches(pattern, text string) bool {
	known, ok := compiled.Load(pattern)
	if !ok {
		known, _ = compiled.LoadOrStore(pattern, regexp.MustCompile(pattern))
	}
	return known.(*regexp.Regexp).MatchString(text)
}

// limits checks a literal of the right kind against the property's bounds and pattern.
func (c *checker) limits(p *Property, value any, path string) {
	switch v := value.(type) {
	case string:
		if strings.Contains(v, "{{resolve:") { // what it stands for is known at the deployment
			return
		}
		if n := utf8.RuneCountInString(v); !p.Bounds.has(float64(n)) {
			c.problem(path, "has %d characters, not %s", n, p.Bounds)
		}
		if p.Pattern != "" && !matches(p.Pattern, v) {
			c.problem(path, "%q is not of the form %s", v, p.Pattern)
		}
	case int:
		c.size(p, float64(v), path)
	case int64:
		c.size(p, float64(v), path)
	case uint64:
		c.size(p, float64(v), path)
	case float64:
		c.size(p, v, path)
	}
}

func (c *checker) size(p *Property, n float64, path string) {
	if !p.Bounds.has(n) {
		c.problem(path, "is %v, not %s", n, p.Bounds)
	}
}

// items checks the length of a list. One with a function in it may get longer or shorter: Fn::If takes an item away.
func (c *checker) items(p *Property, items []any, path string) {
	least := 0
	for _, item := range items {
		if _, _, unknown := intrinsic(item); !unknown {
			least++
		}
	}
	if most := len(items); p.Bounds != nil && (float64(least) > p.Bounds.Max || float64(most) < p.Bounds.Min) {
		c.problem(path, "has %d items, not %s", most, p.Bounds)
	}
}
