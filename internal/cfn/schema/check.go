package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Problem is one fault of a template.
type Problem struct {
	Resource string // logical id, "" for a fault outside of the resources
	Path     string // where in the resource or, without one, in the template: Properties.Tags[0].Key
	Message  string // what is wrong there, and the nearest known name if that helps
}

func (p Problem) String() string {
	if p.Resource == "" {
		return p.Path + ": " + p.Message
	}
	return p.Resource + "." + p.Path + ": " + p.Message
}

// Check compares a template with CloudFormation's schemas and returns its faults, sorted by
// resource and path: unknown sections, types, properties and attributes, missing required
// properties, literals of the wrong kind, length, size or form, nulls, references and DependsOn to
// what does not exist, and duplicates where none are allowed.
//
// The template is one decoded from YAML or JSON, with its intrinsics in the long form
// ({"Fn::GetAtt": [Vpc, CidrBlock]}). An intrinsic may be any value, but one that
// returns a list and one that returns a single value are distinguished.
func Check(template map[string]any) []Problem {
	c := &checker{template: template, types: map[string]*Type{}, names: map[string]bool{}}
	c.sections()
	c.declare()
	resources, _ := asMap(template["Resources"])
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		c.id = id
		c.resource(resources[id])
	}
	c.id = ""
	c.references(template["Conditions"], "Conditions")
	c.outputs()
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Path, b.Path))
	})
	return c.problems
}

type checker struct {
	template map[string]any
	types    map[string]*Type // logical id to its type, nil for an unknown one
	names    map[string]bool  // what Ref may name
	id       string           // the resource that is being checked
	problems []Problem
}

func (c *checker) problem(path, format string, args ...any) {
	c.problems = append(c.problems, Problem{c.id, path, fmt.Sprintf(format, args...)})
}

// Source of both: CloudFormation User Guide, "Template sections" and "Resource attribute reference".
var (
	sectionNames = []string{
		"AWSTemplateFormatVersion", "Conditions", "Description", "Hooks", "Mappings", "Metadata",
		"Outputs", "Parameters", "Resources", "Rules", "Transform",
	}
	resourceKeys = []string{
		"Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties",
		"Type", "UpdatePolicy", "UpdateReplacePolicy",
	}
)

func (c *checker) sections() {
	for name := range c.template {
		if !slices.Contains(sectionNames, name) {
			c.problem(name, "no such section%s", meant(name, sectionNames))
		}
	}
	if resources, ok := asMap(c.template["Resources"]); !ok || len(resources) == 0 {
		c.problem("Resources", "a template needs at least one resource")
	}
}

// declare records what the template declares, for the references to it.
func (c *checker) declare() {
	for _, name := range pseudoParameters {
		c.names[name] = true
	}
	parameters, _ := asMap(c.template["Parameters"])
	for name := range parameters {
		c.names[name] = true
	}
	resources, _ := asMap(c.template["Resources"])
	for id, value := range resources {
		resource, _ := asMap(value)
		typeName, _ := resource["Type"].(string)
		c.types[id], _ = Of(typeName)
		c.names[id] = true
	}
}

func (c *checker) resource(value any) {
	resource, ok := asMap(value)
	if !ok {
		c.problem("Type", "a resource is a map with at least its Type")
		return
	}
	for name := range resource {
		if !slices.Contains(resourceKeys, name) {
			c.problem(name, "a resource has no such attribute%s", meant(name, resourceKeys))
		}
	}
	c.properties(resource)
	c.dependsOn(resource["DependsOn"])
	for _, name := range slices.Sorted(maps.Keys(resource)) {
		if name != "DependsOn" {
			c.references(resource[name], name)
		}
	}
}

func (c *checker) properties(resource map[string]any) {
	typeName, ok := resource["Type"].(string)
	if !ok {
		c.problem("Type", "a resource needs a type")
		return
	}
	t := c.types[c.id]
	if t == nil {
		c.problem("Type", "unknown type %s%s", typeName, meant(typeName, Names()))
		return
	}
	properties, given := resource["Properties"]
	if !given {
		properties = map[string]any{}
	}
	c.value(t.Properties(), properties, "Properties")
}

// outputs checks the references of the outputs, that each has a value, and that no two export
// the same name.
func (c *checker) outputs() {
	outputs, _ := asMap(c.template["Outputs"])
	exportedBy := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		path := "Outputs." + name
		output, ok := asMap(outputs[name])
		if !ok || output["Value"] == nil {
			c.problem(path, "an output needs a Value")
			continue
		}
		export, _ := asMap(output["Export"])
		if text, ok := export["Name"].(string); ok {
			if first, taken := exportedBy[text]; taken {
				c.problem(path+".Export.Name", "%s is exported by the output %s already", text, first)
			}
			exportedBy[text] = name
		}
		c.references(output, path)
	}
}
