package cfntest

import (
	"fmt"
	"strings"

	"distributed-moodle/internal/cfn/schema"
)

// nameProperty is the property that names a resource of a type, such as TopicName of a topic; "" when it has none.
func nameProperty(kind string, properties map[string]any) string {
	last := kind[strings.LastIndex(kind, ":")+1:]
	for _, name := range []string{last + "Name", "Name"} {
		if text, ok := properties[name].(string); ok && text != "" {
			return name
		}
	}
	return ""
}

// physicalID returns the id that Ref returns: the name that the template sets, or a generated one.
func (a *Account) physicalID(s *stack, r *resource) string {
	name := ""
	if property := nameProperty(r.kind, r.properties); property != "" {
		name = textOf(r.properties[property])
	}
	if name == "" {
		name = fmt.Sprintf("%s-%s-%s", s.name, r.logicalID, a.suffix())
	}
	switch r.kind { // whose Ref is not a name
	case "AWS::SNS::Topic":
		return a.arn("sns", name)
	case "AWS::SQS::Queue":
		return fmt.Sprintf("https://sqs.%s.amazonaws.com/%s/%s", a.Region, a.ID, name)
	}
	return name
}

// attribute returns what Fn::GetAtt returns for an existing resource: a property of that name, its ARN, or an arbitrary text that
// stays the same as long as the resource exists.
func (a *Account) attribute(r *resource, name string) (any, error) {
	if output, ok := strings.CutPrefix(name, "Outputs."); ok && r.kind == stackType {
		for _, o := range a.child(r).outputs {
			if o.key == output {
				return o.value, nil
			}
		}
		return nil, invalid("Output '%s' not found in stack '%s'", output, r.physicalID)
	}
	if t, known := schema.Of(r.kind); known && r.kind != stackType && !t.HasAttribute(name) {
		if _, property := t.Property(name); !property {
			return nil, invalid("Template error: resource %s does not support attribute type %s in Fn::GetAtt", r.logicalID, name)
		}
	}
	if v, ok := at(r.properties, strings.Split(name, ".")); ok {
		return v, nil
	}
	if strings.HasSuffix(name, "Arn") {
		if strings.HasPrefix(r.physicalID, "arn:") {
			return r.physicalID, nil
		}
		service := strings.ToLower(strings.Split(r.kind, "::")[min(1, strings.Count(r.kind, "::"))])
		return a.arn(service, r.physicalID), nil
	}
	return r.physicalID + "." + strings.ToLower(name), nil
}

// at finds a value inside of properties.
func at(v any, path []string) (any, bool) {
	for _, step := range path {
		switch in := v.(type) {
		case map[string]any:
			next, ok := in[step]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			var n int
			if _, err := fmt.Sscan(step, &n); err != nil || n < 0 || n >= len(in) {
				return nil, false
			}
			v = in[n]
		default:
			return nil, false
		}
	}
	return v, true
}

// taggable reports whether a type takes the tags of its stack.
func taggable(kind string) bool {
	t, ok := schema.Of(kind)
	return ok && t.Tags != ""
}
