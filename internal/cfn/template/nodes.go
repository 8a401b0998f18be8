package template

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/spelling"
)

// functions are the short forms that CloudFormation knows, the functions of rules and of AWS::LanguageExtensions among
// them (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html).
var functions = []string{
	"And", "Base64", "Cidr", "Condition", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap",
	"GetAZs", "GetAtt",
	"GetStackOutput", "If", "ImportValue", "Join", "Length", "Not", "Or", "Ref", "RefAll", "Select", "Split", "Sub",
	"ToJsonString",
	"Transform", "ValueOf", "ValueOfAll",
}

// notInTemplates are YAML's types that CloudFormation does not support
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html, YAML).
var notInTemplates = []string{"!!binary", "!!omap", "!!pairs", "!!set", "!!timestamp"}

// value returns the value of a node.
func (r *reader) value(n *yaml.Node) any {
	if r.nodes++; r.nodes > maxNodes {
		if r.nodes == maxNodes+1 {
			r.fault(n, "the template has more than %d values", maxNodes)
		}
		return nil
	}
	if n.Kind == yaml.AliasNode {
		return r.alias(n)
	}
	tag := ""
	if n.Style&yaml.TaggedStyle != 0 {
		tag = n.Tag
	}
	switch {
	case tag == "":
		return r.untagged(n, false)
	case slices.Contains(notInTemplates, tag):
		r.fault(n, "CloudFormation does not support the YAML type %s", tag)
		return r.untagged(n, true)
	case strings.HasPrefix(tag, "!!"):
		return r.untagged(n, false)
	}
	name := strings.TrimPrefix(tag, "!")
	if !slices.Contains(functions, name) {
		r.fault(n, "CloudFormation has no function %s%s", tag, suggestion(name))
	}
	if name != "Ref" && name != "Condition" {
		name = "Fn::" + name
	}
	return map[string]any{name: r.argument(n, name, r.untagged(n, true))}
}

func suggestion(name string) string {
	if nearest := spelling.Nearest(name, functions); nearest != "" {
		return "; did you mean !" + nearest + "?"
	}
	return ""
}

// untagged returns the value of a node without regard to its tag. Where it says text, a scalar is taken as it is
// written.
func (r *reader) untagged(n *yaml.Node, text bool) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := r.mapping(n)
		if name, argument, ok := intrinsic(m); ok {
			m[name] = r.argument(n, name, argument)
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			list = append(list, r.value(item))
		}
		return list
	}
	if text {
		return n.Value
	}
	v := scalar(n)
	if v == nil { // https://github.com/aws-cloudformation/cfn-lint/issues/38
		r.fault(
			n,
			"a value is missing here: CloudFormation accepts no null; remove the key, or write \"\" for an empty text",
		)
	}
	return v
}

// alias expands an alias. CloudFormation supports neither aliases nor merges of them
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html, YAML).
func (r *reader) alias(n *yaml.Node) any {
	r.fault(n, "CloudFormation does not support YAML aliases: write the value of *%s out", n.Value)
	if slices.Contains(r.open, n.Alias) {
		return nil
	}
	r.open = append(r.open, n.Alias)
	defer func() { r.open = r.open[:len(r.open)-1] }()
	return r.value(n.Alias)
}

func (r *reader) mapping(n *yaml.Node) map[string]any {
	m := make(map[string]any, len(n.Content)/2)
	lines := map[string]int{}
	merged := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		node, value := n.Content[i], n.Content[i+1]
		if node.Kind == yaml.ScalarNode && node.Tag == "!!merge" {
			r.fault(node, "CloudFormation does not support YAML merges (<<): write the keys out")
			r.merge(merged, value)
			continue
		}
		key := r.key(node)
		if first, twice := lines[key]; twice { // https://github.com/go-to-k/cdk-real-drift/issues/1074
			r.fault(
				node,
				"%q is given twice, first in line %d: CloudFormation would silently take the last; remove one of them",
				key, first,
			)
			r.faults[len(r.faults)-1].Accepted = true
		} else {
			lines[key] = node.Line
		}
		if key == "Fn::GetAZs" && value.Kind == yaml.ScalarNode &&
			scalar(value) == nil { // as !GetAZs with nothing behind it
			m[key] = ""
			continue
		}
		m[key] = r.value(value)
	}
	for key, v := range merged {
		if _, own := m[key]; !own {
			m[key] = v
		}
	}
	return m
}

// merge adds the keys of a mapping, or of several, that are not there yet.
func (r *reader) merge(into map[string]any, n *yaml.Node) {
	for _, from := range (Value{r.value(n)}).Items() {
		for _, key := range from.Keys() {
			if _, has := into[key]; !has {
				into[key] = from.Key(key).v
			}
		}
	}
}

// key returns a mapping's key. CloudFormation accepts only texts:
// https://github.com/aws-cloudformation/cfn-lint/issues/292.
func (r *reader) key(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		r.fault(n, "a key is a text, not a list, mapping or function")
		return Value{r.value(n)}.String()
	}
	switch scalar(n).(type) {
	case string, bool:
	default:
		r.fault(n, "the key %s is not a text: CloudFormation refuses it; quote it: \"%s\"", n.Value, n.Value)
	}
	return n.Value
}
