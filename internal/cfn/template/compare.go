package template

import (
	"slices"
	"strconv"
	"strings"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/schema"
)

// Difference is one resource that differs between two templates. Old does not exist when it is added, New when it is
// removed.
type Difference struct {
	LogicalID, Type string
	Old, New        Resource
	Properties      []PropertyDifference // in the order of their paths
	Attributes      []PropertyDifference // DeletionPolicy, UpdatePolicy, DependsOn, …; Metadata is left out: it changes nothing that runs
}

// PropertyDifference is one value that differs. Old does not exist when it is added, New when it is removed.
type PropertyDifference struct {
	Path       string // dotted, list items by number: SecurityGroupIngress.0.CidrIp
	Old, New   Value
	Recreation changeset.Recreation // by CloudFormation's schema of the type; Conditionally for a type that the schemas here lack
}

// Differences returns what differs between two templates, by logical id.
func Differences(old, new *Template) []Difference {
	var all []Difference
	for _, id := range keysOf(old.section("Resources"), new.section("Resources")) {
		o, n := old.Resource(id), new.Resource(id)
		d := Difference{LogicalID: id, Type: n.Type, Old: o, New: n}
		if d.Type == "" {
			d.Type = o.Type
		}
		if o.Exists() && n.Exists() && o.Type == n.Type {
			d.Properties, d.Attributes = properties(o, n), attributes(o, n)
			if len(d.Properties)+len(d.Attributes) == 0 {
				continue
			}
		}
		if o.Exists() || n.Exists() {
			all = append(all, d)
		}
	}
	return all
}

func properties(old, new Resource) []PropertyDifference {
	var all []PropertyDifference
	differ("", old.Properties().v, new.Properties().v, func(path string, o, n any) {
		all = append(all, PropertyDifference{path, Value{o}, Value{n}, recreation(new.Type, path)})
	})
	return all
}

func attributes(old, new Resource) []PropertyDifference {
	var all []PropertyDifference
	for _, key := range keysOf(old.definition, new.definition) {
		switch key {
		case "Type", "Properties", "Metadata":
			continue
		case "DependsOn":
			if slices.Equal(old.DependsOn(), new.DependsOn()) {
				continue
			}
		}
		differ(key, old.definition[key], new.definition[key], func(path string, o, n any) {
			all = append(all, PropertyDifference{Path: path, Old: Value{o}, New: Value{n}})
		})
	}
	return all
}

// differ reports each value that is not the same. Mappings and lists are compared item by item; an intrinsic function
// is one value.
func differ(path string, old, new any, report func(path string, old, new any)) {
	old, new = orNothing(old), orNothing(new)
	if equal(old, new) {
		return
	}
	o, n := mapOf(old), mapOf(new)
	if (o != nil || n != nil) && !isIntrinsic(o) && !isIntrinsic(n) && (o != nil || old == nil) &&
		(n != nil || new == nil) {
		for _, key := range keysOf(o, n) {
			differ(join(path, key), o[key], n[key], report)
		}
		return
	}
	before, oldIsList := old.([]any)
	after, newIsList := new.([]any)
	if (oldIsList || old == nil) && (newIsList || new == nil) && (oldIsList || newIsList) {
		for i := range max(len(before), len(after)) {
			differ(join(path, strconv.Itoa(i)), at(before, i), at(after, i), report)
		}
		return
	}
	report(path, old, new)
}

// orNothing returns nil for a property that is taken away by !Ref AWS::NoValue
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html).
func orNothing(v any) any {
	if m := mapOf(v); len(m) == 1 && m["Ref"] == "AWS::NoValue" {
		return nil
	}
	return v
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// recreation returns by the schema of a type whether a change of the property at a path makes a new resource. Paths in
// the schema name no list items.
func recreation(kind, path string) changeset.Recreation {
	t, known := schema.Of(kind)
	if !known {
		return changeset.Conditionally
	}
	path = withoutNumbers(path)
	covers := func(paths []string) bool {
		return slices.ContainsFunc(paths, func(p string) bool { return p == path || strings.HasPrefix(path, p+".") })
	}
	switch {
	case covers(t.CreateOnly):
		return changeset.Always
	case covers(t.ConditionalCreateOnly):
		return changeset.Conditionally
	}
	return changeset.Never
}

func withoutNumbers(path string) string {
	parts := strings.Split(path, ".")
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool {
		_, err := strconv.Atoi(p)
		return err == nil
	}), ".")
}
