// Package template reads a CloudFormation template, and compares a deployed one with the one that is to replace it, resource by resource
// and property by property.
//
// A site's templates have no parameters and no conditions, so what stands in them is what runs: the comparison says exactly what
// changes, also where CloudFormation cannot make a change set, or hides a value. What it can't know is what a value comes to that
// an intrinsic works out, and what has been changed beside CloudFormation.
package template

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Parse reads a template. Mappings become map[string]any, sequences []any; !Ref X becomes {"Ref": "X"}, !GetAtt A.B becomes
// {"Fn::GetAtt": ["A", "B"]}, any other !X becomes {"Fn::X": …}. A key that stands twice in a mapping is an error, since
// CloudFormation would silently take the last.
func Parse(text []byte) (map[string]any, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	if doc.Kind != yaml.DocumentNode {
		return nil, fmt.Errorf("read template: it is empty")
	}
	v, err := value(doc.Content[0])
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("read template: line %d: not a mapping", doc.Content[0].Line)
	}
	return m, nil
}

func value(n *yaml.Node) (any, error) {
	if !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return untagged(n)
	}
	bare := *n
	bare.Tag = ""
	if n.Kind == yaml.ScalarNode {
		bare.Tag = "!!str"
	}
	arg, err := untagged(&bare)
	if err != nil {
		return nil, err
	}
	name := n.Tag[1:]
	if text, ok := arg.(string); ok && name == "GetAtt" {
		id, attribute, _ := strings.Cut(text, ".")
		arg = []any{id, attribute}
	}
	if name != "Ref" && name != "Condition" {
		name = "Fn::" + name
	}
	return map[string]any{name: arg}, nil
}

func untagged(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		return mapping(n)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := value(item)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.ScalarNode:
		var v any
		if err := n.Decode(&v); err != nil {
			return nil, fmt.Errorf("line %d: %w", n.Line, err)
		}
		return v, nil
	}
	return nil, fmt.Errorf("line %d: anchors and aliases are not used in templates", n.Line)
}

func mapping(n *yaml.Node) (map[string]any, error) {
	m := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if _, twice := m[key]; twice {
			return nil, fmt.Errorf("line %d: %s stands here for the second time", n.Content[i].Line, key)
		}
		v, err := value(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		m[key] = v
	}
	return m, nil
}
