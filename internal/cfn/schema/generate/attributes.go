package main

import (
	"slices"
	"strings"
)

// attributes returns the names that Fn::GetAtt takes, found as cfn-lint finds them: the
// read-only properties, for some types every property, and a nested stack's outputs. Objects
// are left out, for Fn::GetAtt gives a value or a list and never an object.
func (c *compiler) attributes(allProperties bool) []string {
	var names []string
	switch {
	case c.source.TypeName == "AWS::CloudFormation::Stack":
		return []string{"Outputs.*"}
	case allProperties:
		names = c.leaves("", &node{Type: kinds{"object"}, Properties: c.source.Properties})
	default:
		for _, pointer := range c.source.ReadOnly {
			steps := strings.Split(strings.TrimPrefix(pointer, "/properties/"), "/")
			if !slices.Contains(steps, "*") && !c.isObject(steps) {
				names = append(names, strings.Join(steps, "."))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// leaves returns the paths of all values below a node. Lists of objects have none.
func (c *compiler) leaves(path string, n *node) []string {
	n = c.resolve(n)
	if n.Properties != nil {
		var names []string
		for name, property := range n.Properties {
			names = append(names, c.leaves(strings.TrimPrefix(path+"."+name, "."), property)...)
		}
		return names
	}
	if n.Items != nil {
		if item := c.resolve(n.Items); item.Properties != nil || item.Items != nil {
			return nil
		}
	}
	return []string{path}
}

// isObject reports whether the steps lead to an object with properties. Some read-only pointers
// lead to nothing that the schema describes; those are attributes by name.
func (c *compiler) isObject(steps []string) bool {
	at := &node{Properties: c.source.Properties}
	for _, step := range steps {
		next, ok := c.resolve(at).Properties[step]
		if !ok {
			return false
		}
		at = next
	}
	return c.resolve(at).Properties != nil
}

func (c *compiler) resolve(n *node) *node {
	for n.Ref != "" {
		target, ok := c.source.Definitions[strings.TrimPrefix(n.Ref, "#/definitions/")]
		if !ok {
			break
		}
		n = target
	}
	return n
}
