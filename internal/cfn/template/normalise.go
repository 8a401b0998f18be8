package template

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// argument returns the one form of an intrinsic function's argument.
func (r *reader) argument(n *yaml.Node, function string, argument any) any {
	switch function {
	case "Fn::GetAtt":
		return r.getAtt(n, argument)
	case "Fn::Sub":
		return r.sub(n, argument)
	case "Ref":
		if name := (Value{argument}).String(); isScalar(argument) && name != "" {
			return name
		}
		r.fault(n, "Ref takes one name: of a resource or a parameter")
	case "Fn::GetAZs": // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html
		if name, is := mapOf(argument)["Ref"]; is && name == "AWS::Region" {
			return ""
		}
	case "Condition", "Fn::ImportValue":
		if isScalar(argument) {
			return Value{argument}.String()
		}
	}
	return argument
}

// getAtt returns a list of the logical id and the attribute. Both the short and the long form, in YAML and in JSON, may
// be one text with a dot in it (https://github.com/cdklabs/decdk/issues/211); what follows the first dot is the
// attribute, which may have dots itself
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getatt.html).
func (r *reader) getAtt(n *yaml.Node, argument any) any {
	const wanted = "Fn::GetAtt takes the logical id of a resource and the name of an attribute: Resource.Attribute"
	list, ok := argument.([]any)
	if !ok {
		id, attribute, _ := strings.Cut(Value{argument}.String(), ".")
		list = []any{id, attribute}
	}
	if len(list) > 2 { // https://github.com/awslabs/aws-cfn-template-flip/pull/40
		r.fault(
			n, "Fn::GetAtt takes two items; write the attribute as one text: %s",
			strings.Join(texts(Value{list[1:]}.Items()), "."),
		)
		list = []any{list[0], strings.Join(texts(Value{list[1:]}.Items()), ".")}
	}
	for len(list) < 2 {
		list = append(list, "")
	}
	for i, part := range list {
		if isScalar(part) || part == nil {
			list[i] = Value{part}.String()
		}
	}
	if list[0] == "" || list[1] == "" {
		r.fault(n, "%s", wanted)
	}
	return list
}

// sub returns the text alone where a !Sub has no values of its own, and a list of the text and the values where it has
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html).
func (r *reader) sub(n *yaml.Node, argument any) any {
	list, ok := argument.([]any)
	if !ok {
		list = []any{argument}
	}
	if len(list) == 0 || len(list) > 2 || !isScalar(list[0]) || len(list) == 2 && mapOf(list[1]) == nil {
		r.fault(n, "Fn::Sub takes a text, or a list of a text and a mapping of the values to put in")
		return argument
	}
	text := Value{list[0]}.String()
	if len(list) == 1 || len(mapOf(list[1])) == 0 {
		return text
	}
	return []any{text, list[1]}
}
