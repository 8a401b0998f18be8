package schema

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
)

// value checks a property's value against its schema.
func (c *checker) value(p *Property, value any, path string) {
	if p.Kind == JSON || value == nil { // a null is reported where references are walked
		return
	}
	if function, argument, ok := intrinsic(value); ok {
		c.intrinsic(p, function, argument, path)
		return
	}
	switch p.Kind {
	case Object:
		c.object(p, value, path)
	case Map:
		entries, ok := asMap(value)
		if !ok {
			c.problem(path, "is a map, not %s", describe(value))
		}
		for name, entry := range entries {
			c.value(p.Items, entry, path+"."+name)
		}
	case List:
		c.list(p, value, path)
	default:
		c.literal(p, value, path)
	}
}

func (c *checker) intrinsic(p *Property, function string, argument any, path string) {
	branches, ok := argument.([]any)
	if function == "Fn::If" && ok && len(branches) == 3 {
		c.value(p, branches[1], path)
		c.value(p, branches[2], path)
		return
	}
	if result := results[function]; !fits(result, p.Kind) {
		c.problem(path, "%s gives a %s where %s is wanted", function, result, article(p.Kind))
	}
}

func (c *checker) object(p *Property, value any, path string) {
	given, ok := asMap(value)
	if !ok {
		c.problem(path, "is an object with %s, not %s", strings.Join(p.Names(), ", "), describe(value))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		at := path + "." + name
		property, known := p.Property(name)
		switch {
		case !known:
			c.problem(at, "no such property%s", meant(name, p.Names()))
		case c.readOnly(at):
			c.problem(at, "is set by AWS, a template can't")
		default:
			c.value(property, given[name], at)
		}
	}
	for _, name := range p.RequiredNames() {
		if value, ok := given[name]; !ok || isNoValue(value) {
			c.problem(path+"."+name, "is required and missing")
		}
	}
}

var index = regexp.MustCompile(`\[\d+\]`)

func (c *checker) readOnly(path string) bool {
	path = strings.TrimPrefix(index.ReplaceAllString(path, ""), "Properties.")
	return slices.Contains(c.types[c.id].ReadOnly, path)
}

func (c *checker) list(p *Property, value any, path string) {
	items, ok := value.([]any)
	if !ok {
		c.problem(path, "is a list, not %s", describe(value))
		return
	}
	c.items(p, items, path)
	_, hasKey := p.Items.Property("Key")
	keyed := p.Items.Kind == Object && hasKey // tags and the attributes of load balancers
	seen := map[string]int{}
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		c.value(p.Items, item, at)
		same := fmt.Sprintf("%T %v", item, item)
		if tag, ok := asMap(item); keyed && ok && tag["Key"] != nil {
			same = fmt.Sprint(tag["Key"])
		}
		if first, twice := seen[same]; twice && (keyed || p.Unique) {
			c.problem(at, "is the same as [%d]", first)
		}
		seen[same] = i
	}
}

// literal checks a single value. It is stricter than CloudFormation, which converts: what is
// written should be what is meant (an EngineVersion 17.10 without quotes is 17.1).
func (c *checker) literal(p *Property, value any, path string) {
	right := false
	switch v := value.(type) {
	case string:
		right = p.Kind == String
	case bool:
		right = p.Kind == Boolean
	case int, int64, uint64:
		right = p.Kind == Integer || p.Kind == Number
	case float64:
		right = p.Kind == Number || p.Kind == Integer && v == math.Trunc(v)
	}
	if !right {
		c.problem(path, "is %s, not %s", article(p.Kind), describe(value))
		return
	}
	text := fmt.Sprint(value)
	same := func(allowed string) bool { return strings.EqualFold(allowed, text) }
	if len(p.Enum) > 0 && !slices.ContainsFunc(p.Enum, same) {
		c.problem(path, "is one of %s, not %s", strings.Join(p.Enum, ", "), text)
	}
	c.limits(p, value, path)
}

// describe names a decoded value as a reader of the template knows it.
func describe(value any) string {
	switch v := value.(type) {
	case string:
		return fmt.Sprintf("the text %q", v)
	case bool:
		return fmt.Sprintf("the boolean %t", v)
	case int, int64, uint64, float64:
		return fmt.Sprintf("the number %v", v)
	case []any:
		return "a list"
	case map[string]any, map[any]any:
		return "a map"
	}
	return fmt.Sprintf("the unquoted %v", value) // a date
}

func article(kind Kind) string {
	switch kind {
	case String:
		return "text"
	case Integer, Object:
		return "an " + string(kind)
	}
	return "a " + string(kind)
}
