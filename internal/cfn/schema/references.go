package schema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// references checks every intrinsic at or below a value, whatever its property holds: a policy
// document may name a resource too.
func (c *checker) references(value any, path string) {
	if value == nil {
		if path != "Conditions" { // the section may be absent
			c.problem(path, "null is not allowed in a template")
		}
		return
	}
	if items, ok := value.([]any); ok {
		for i, item := range items {
			c.references(item, fmt.Sprintf("%s[%d]", path, i))
		}
		return
	}
	function, argument, ok := intrinsic(value)
	if ok {
		c.reference(function, argument, path)
		return
	}
	m, _ := asMap(value)
	for _, name := range slices.Sorted(maps.Keys(m)) {
		c.references(m[name], path+"."+name)
	}
}

func (c *checker) reference(function string, argument any, path string) {
	switch function {
	case "Ref":
		name, _ := argument.(string)
		c.declared(name, path)
	case "Fn::GetAtt":
		c.getAtt(argument, path)
	case "Fn::Sub":
		c.sub(argument, path)
	default:
		if _, known := results[function]; !known {
			c.problem(path, "no such function %s%s", function, meant(function, slices.Collect(maps.Keys(results))))
		}
		c.references(argument, path+"."+function)
	}
}

func (c *checker) declared(name, path string) bool {
	if !c.names[name] {
		c.problem(path, "nothing here is named %q%s", name, meant(name, slices.Sorted(maps.Keys(c.names))))
	}
	return c.names[name]
}

// getAtt takes both forms of the argument: [Vpc, CidrBlock] and Vpc.CidrBlock.
func (c *checker) getAtt(argument any, path string) {
	var steps []string
	switch a := argument.(type) {
	case string:
		steps = strings.Split(a, ".")
	case []any:
		for _, step := range a {
			text, ok := step.(string)
			if !ok { // the attribute may be a Ref: known only to CloudFormation
				c.references(step, path)
				return
			}
			steps = append(steps, text)
		}
	}
	if len(steps) < 2 {
		c.problem(path, "Fn::GetAtt takes a logical id and an attribute")
		return
	}
	c.attribute(steps[0], strings.Join(steps[1:], "."), path)
}

func (c *checker) attribute(id, name, path string) {
	t, isResource := c.types[id]
	switch {
	case !isResource:
		c.problem(path, "no resource is named %q%s", id, meant(id, slices.Sorted(maps.Keys(c.types))))
	case t != nil && !t.HasAttribute(name):
		c.problem(path, "%s has no attribute %q%s", t.Name, name, meant(name, t.Attributes))
	}
}

// variable is ${Name} or ${Name.Attribute} in the text of Fn::Sub; ${!Name} is text.
var variable = regexp.MustCompile(`\$\{([^!{}][^{}]*)\}`)

func (c *checker) sub(argument any, path string) {
	text, isText := argument.(string)
	var own map[string]any
	if pair, ok := argument.([]any); ok && len(pair) == 2 {
		text, isText = pair[0].(string)
		own, _ = asMap(pair[1])
	}
	if !isText {
		c.problem(path, "Fn::Sub takes a text, or a list of a text and a map")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		c.references(own[name], path+"."+name)
	}
	for _, match := range variable.FindAllStringSubmatch(text, -1) {
		name := strings.TrimSpace(match[1])
		if _, ok := own[name]; ok {
			continue
		}
		if id, attribute, ok := strings.Cut(name, "."); ok {
			c.attribute(id, attribute, path)
		} else {
			c.declared(name, path)
		}
	}
}

func (c *checker) dependsOn(value any) {
	names, isList := value.([]any)
	if !isList && value != nil {
		names = []any{value}
	}
	seen := map[any]bool{}
	for _, name := range names {
		id, ok := name.(string)
		_, exists := c.types[id]
		switch {
		case !ok:
			c.problem("DependsOn", "takes logical ids, not %s", describe(name))
		case id == c.id:
			c.problem("DependsOn", "a resource can't depend on itself")
		case !exists:
			c.problem("DependsOn", "no resource is named %q%s", id, meant(id, slices.Sorted(maps.Keys(c.types))))
		case seen[id]:
			c.problem("DependsOn", "%s is named twice", id)
		}
		if ok {
			seen[id] = true
		}
	}
}
