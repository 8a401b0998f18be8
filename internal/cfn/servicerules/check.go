package servicerules

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/schema"
)

// Site is what is checked: the templates of a root stack and its nested stacks, and the tags of the root, which
// CloudFormation gives to every resource of them.
type Site struct {
	Templates []Template
	Tags      map[string]string
}

// Template is one template, decoded, with intrinsics in the long form ({"Fn::GetAtt": [Vpc, CidrBlock]}).
type Template struct {
	Name   string // as a person knows it: network.yaml
	Values map[string]any
}

// Violation is a rule that a resource breaks.
type Violation struct {
	Rule     *Rule
	Template string
	Resource string // logical id
	Path     string // of the value, from the resource's properties on: SecurityGroupIngress[0].Description
	Value    any    // what is there

	properties map[string]any // of the resource
}

// Warns reports that the rule is from memory, so that the violation may be none.
func (v Violation) Warns() bool { return v.Rule.From == Memory }

var propertyName = regexp.MustCompile(`\{[A-Z][A-Za-z]*\}`)

// Words is the service's refusal, with its code.
func (v Violation) Words() string {
	text := strings.ReplaceAll(v.Rule.Error.Text, "{value}", fmt.Sprint(v.Value))
	text = propertyName.ReplaceAllStringFunc(text, func(name string) string {
		if value, given := v.properties[strings.Trim(name, "{}")]; given {
			return fmt.Sprint(value)
		}
		return ""
	})
	return strings.TrimPrefix(v.Rule.Error.Code+": "+text, ": ")
}

func (v Violation) String() string {
	place := v.Template + " " + strings.TrimSuffix(v.Resource+"."+v.Path, ".")
	return fmt.Sprintf("%s: %s: %s (rule %s, %s)", place, v.Rule.Rule, v.Words(), v.Rule.ID, v.Rule.Page)
}

// Check returns what breaks a rule, sorted by template, resource, path and rule.
func Check(site *Site) []Violation { return check(Rules(), site) }

func check(rules []Rule, site *Site) []Violation {
	all := resourcesOf(site)
	byKind := map[string]resources{}
	for _, r := range all {
		byKind[r.kind] = append(byKind[r.kind], r)
		if r.tags != "" {
			byKind["*"] = append(byKind["*"], r)
		}
	}
	var violations []Violation
	for i := range rules {
		rule := &rules[i]
		if rule.Check != "" {
			violations = append(violations, checks[rule.Check](rule, all)...)
			continue
		}
		for kind := range rule.At {
			for _, r := range byKind[kind] {
				violations = append(violations, rule.brokenBy(r)...)
			}
		}
	}
	slices.SortStableFunc(violations, func(a, b Violation) int {
		return cmp.Or(
			cmp.Compare(a.Template, b.Template), cmp.Compare(a.Resource, b.Resource),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule.ID, b.Rule.ID),
		)
	})
	return violations
}

// resource is one resource of a site. Its properties have the stack's tags among their own.
type resource struct {
	template, id, kind string
	properties         map[string]any
	body               map[string]any
	tags               string // the property for its tags, if that is a list
}

func resourcesOf(site *Site) resources {
	var all resources
	for _, t := range site.Templates {
		declared, _ := t.Values["Resources"].(map[string]any)
		for _, id := range slices.Sorted(maps.Keys(declared)) {
			body, _ := declared[id].(map[string]any)
			r := resource{template: t.Name, id: id, body: body}
			r.kind, _ = body["Type"].(string)
			r.properties, _ = body["Properties"].(map[string]any)
			r.tag(site.Tags)
			all = append(all, r)
		}
	}
	return all
}

// tag adds the stack's tags to the resource's own. Of two with one key, the resource's own is used.
func (r *resource) tag(tags map[string]string) {
	kind, ok := schema.Of(r.kind)
	if !ok || kind.Tags == "" {
		return
	}
	if p, ok := kind.Property(kind.Tags); !ok || p.Kind != schema.List {
		return
	}
	r.tags = kind.Tags
	own, _ := r.properties[r.tags].([]any)
	if len(tags) == 0 || own == nil && r.properties[r.tags] != nil {
		return
	}
	all := slices.Clone(own)
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if !slices.ContainsFunc(own, func(tag any) bool { m, _ := tag.(map[string]any); return m["Key"] == key }) {
			all = append(all, map[string]any{"Key": key, "Value": tags[key]})
		}
	}
	properties := maps.Clone(r.properties)
	if properties == nil {
		properties = map[string]any{}
	}
	properties[r.tags] = all
	r.properties = properties
}

// paths returns the paths of the objects in the resource that the rule is about.
func (rule *Rule) paths(r resource) []string {
	every, ok := rule.At["*"]
	if !ok {
		return rule.At[r.kind]
	}
	var paths []string
	for _, path := range every {
		paths = append(paths, strings.ReplaceAll(path, "{tags}", r.tags))
	}
	return paths
}

// brokenBy returns the places of a resource that break the rule.
func (rule *Rule) brokenBy(r resource) []Violation {
	var violations []Violation
	for _, path := range rule.paths(r) {
		for _, object := range follow(place{value: any(r.properties)}, mustSteps(path)) {
			for _, at := range rule.broken(object) {
				violations = append(violations, r.violation(rule, at.path, at.value))
			}
		}
	}
	return violations
}

// broken returns the values below an object that break the rule.
func (rule *Rule) broken(object place) []place {
	for i := range rule.When {
		if rule.When[i].wanted(object) != yes {
			return nil
		}
	}
	var places []place
	for i := range rule.Must {
		if truth, at := rule.Must[i].kept(object); truth == no {
			places = append(places, at)
		}
	}
	return places
}
