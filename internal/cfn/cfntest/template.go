package cfntest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	cfntemplate "distributed-moodle/internal/cfn/template"
)

// template is a template and its text.
type template struct {
	body       string
	resources  map[string]map[string]any // by logical id
	outputs    map[string]map[string]any
	parameters map[string]map[string]any
	conditions map[string]any
	mappings   map[string]any
}

var emptyTemplate = &template{}

// parseTemplate reads a template. Its errors are CloudFormation's, without the code.
func parseTemplate(body string) (*template, error) {
	read, faults := cfntemplate.Read([]byte(body))
	for _, f := range faults {
		if !f.Accepted {
			return nil, invalid("Template format error: line %d: %s", f.Line, f.What)
		}
	}
	parsed := read.Values()
	t := &template{
		body: body, resources: sections(parsed["Resources"]), outputs: sections(parsed["Outputs"]),
		parameters: sections(parsed["Parameters"]),
	}
	t.conditions, _ = parsed["Conditions"].(map[string]any)
	t.mappings, _ = parsed["Mappings"].(map[string]any)
	if _, ok := parsed["Resources"]; !ok {
		return nil, invalid("Template format error: At least one Resources member must be defined.")
	}
	if resources, ok := parsed["Resources"].(map[string]any); ok && len(resources) != len(t.resources) {
		return nil, invalid("Template format error: Any Resources member must be an object.")
	}
	return t, t.check()
}

// check finds names that the template does not have.
func (t *template) check() error {
	var missing []string
	for _, definition := range t.resources {
		for _, r := range references(definition["Properties"], nil) {
			if !t.has(r.name) && !slices.Contains(missing, r.name) {
				missing = append(missing, r.name)
			}
		}
	}
	if len(missing) > 0 {
		return unresolved(missing)
	}
	return nil
}

func (t *template) has(name string) bool {
	return strings.HasPrefix(name, "AWS::") || t.resources[name] != nil || t.parameters[name] != nil
}

func sections(v any) map[string]map[string]any {
	all := map[string]map[string]any{}
	named, _ := v.(map[string]any)
	for name, member := range named {
		if m, ok := member.(map[string]any); ok {
			all[name] = m
		}
	}
	return all
}

func kindOf(definition map[string]any) string {
	kind, _ := definition["Type"].(string)
	return kind
}

func propertiesOf(definition map[string]any) map[string]any {
	properties, _ := definition["Properties"].(map[string]any)
	return properties
}

func text(definition map[string]any, key string) string {
	s, _ := definition[key].(string)
	return s
}

// waits says for which other resources of the template each waits: those that it refers to and those that it names.
func waits(definitions map[string]map[string]any) map[string][]string {
	all := map[string][]string{}
	for id, definition := range definitions {
		var others []string
		for _, r := range references(definition["Properties"], nil) {
			others = append(others, r.name)
		}
		switch after := definition["DependsOn"].(type) {
		case string:
			others = append(others, after)
		case []any:
			for _, name := range after {
				others = append(others, fmt.Sprint(name))
			}
		}
		others = slices.DeleteFunc(others, func(name string) bool { return definitions[name] == nil || name == id })
		slices.Sort(others)
		all[id] = slices.Compact(others)
	}
	return all
}

// fetch reads the template that a TemplateURL points to.
func (a *Account) fetch(address string) (*template, error) {
	const refused = "TemplateURL must reference a valid S3 object to which you have access."
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || strings.Contains(address, "{{") {
		return nil, invalid("TemplateURL must be a supported URL.")
	}
	bucketName, key := placeOf(u.Host, u.Path)
	content, ok := a.object(bucketName, key)
	if !ok {
		return nil, invalid(refused)
	}
	return parseTemplate(string(content))
}
