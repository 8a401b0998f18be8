// Package schema contains CloudFormation's schemas of the resource types that the stacks use:
// their properties and what they hold, which are required, which can't change without a
// replacement, and which attributes Fn::GetAtt returns. [Check] checks a whole template.
//
// goformation's structs date from April 2024 and lack newer properties; a property that is set
// by its path, or an attribute's name, is only a string. This package detects a misspelled one
// before AWS does.
//
// All of it is read from table.json, which the package generate derives from the schemas in
// cfn-lint's wheel for the types of types.txt. The table is parsed on first use, type by type:
// importing this package costs nothing.
package schema

import (
	"maps"
	"slices"
	"strings"
)

//go:generate go run ./generate

// Type is one resource type, such as AWS::EFS::FileSystem. Paths in it are dotted
// (LifecyclePolicies.TransitionToIA): the items of a list are implied.
type Type struct {
	Name string
	// Tags is the property for the resource's tags, "" if there is none. Its kind
	// is the shape: a list of objects with Key and Value, or a map.
	Tags string
	// CreateOnly are the paths that can't change without a replacement of the resource.
	CreateOnly []string
	// ConditionalCreateOnly are the paths whose change replaces the resource under some conditions.
	ConditionalCreateOnly []string
	// ReadOnly are the paths that AWS sets and a template must not.
	ReadOnly []string
	// WriteOnly are the paths that AWS never returns, so that their drift is not detected.
	WriteOnly []string
	// Attributes are the names that Fn::GetAtt accepts. The one entry Outputs.* of a nested stack
	// matches any output of it. See HasAttribute.
	Attributes []string

	definitions map[string]definition
}

// Kind is what a property holds.
type Kind string

// The kinds of a property.
const (
	String  Kind = "string"
	Integer Kind = "integer"
	Number  Kind = "number"
	Boolean Kind = "boolean"
	List    Kind = "list"   // in order, of Items
	Map     Kind = "map"    // free keys, each with a value like Items
	Object  Kind = "object" // known properties, see Names and Property
	JSON    Kind = "json"   // anything, such as a policy document or its text
)

// Property is one property of a resource, or of an object inside of it.
type Property struct {
	Name string
	Kind Kind
	// Required reports that the object around it can't be without it.
	Required bool
	// Items is what a List or a Map holds, else nil.
	Items *Property
	// Unique reports that a List allows no item twice.
	Unique bool
	// Enum are the values that AWS accepts, nil if any is accepted or there are too many to list.
	Enum []string
	// Bounds limits the characters of a String, the value of a number or the items of a List. It is nil if nothing
	// does.
	Bounds *Bounds
	// Pattern is found in every text that AWS accepts, "" if any is accepted.
	Pattern string

	of     *Type
	object string // the definition of an Object
}

// Bounds are the least and the most, both included; an infinity where there is no limit.
type Bounds struct{ Min, Max float64 }

// Of returns the type of the given name. It is false for a type that types.txt does not list.
func Of(typeName string) (*Type, bool) {
	parse, ok := table()[typeName]
	if !ok {
		return nil, false
	}
	return parse(), true
}

// Names returns the names of all types, sorted.
func Names() []string { return slices.Sorted(maps.Keys(table())) }

// Properties returns the resource itself as an object, whose properties are the type's.
func (t *Type) Properties() *Property {
	return &Property{Name: "Properties", Kind: Object, of: t, object: "Properties"}
}

// Property returns the property at a dotted path. Everything below a property that holds
// JSON is known to be JSON, and every key of a Map to hold its Items.
func (t *Type) Property(path string) (*Property, bool) {
	at := t.Properties()
	for name := range strings.SplitSeq(path, ".") {
		next, ok := at.Property(name)
		if !ok {
			return nil, false
		}
		at = next
	}
	return at, true
}

// Required returns the names of the properties that a resource of the type can't be without.
func (t *Type) Required() []string { return t.Properties().RequiredNames() }

// HasAttribute reports whether Fn::GetAtt accepts the name, such as Endpoint.Address. For a nested
// stack it accepts Outputs.<any name>.
func (t *Type) HasAttribute(name string) bool {
	return slices.ContainsFunc(t.Attributes, func(attribute string) bool {
		prefix, open := strings.CutSuffix(attribute, "*")
		return attribute == name || open && strings.HasPrefix(name, prefix) && name != prefix
	})
}

// Property returns a property of the object, of a List's items or of a Map's values. It is false
// where there is none of that name.
func (p *Property) Property(name string) (*Property, bool) {
	switch p.Kind {
	case JSON:
		return &Property{Name: name, Kind: JSON, of: p.of}, true
	case Map:
		value := *p.Items
		value.Name = name
		return &value, true
	case List:
		return p.Items.Property(name)
	case Object:
		return p.of.property(p.object, name)
	}
	return nil, false
}

// Names returns the names of an Object's properties, sorted. It is empty for other kinds.
func (p *Property) Names() []string {
	if p.Kind != Object {
		return nil
	}
	return slices.Sorted(maps.Keys(p.of.definitions[p.object]))
}

// RequiredNames returns the names of the properties that an Object can't be without, sorted.
func (p *Property) RequiredNames() []string {
	return slices.DeleteFunc(p.Names(), func(name string) bool {
		property, _ := p.Property(name)
		return !property.Required
	})
}
