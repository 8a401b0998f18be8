package schema

import (
	"fmt"
	"slices"
	"strings"
)

// results are the intrinsic functions that a resource or an output may contain, with the kind of
// their result: List, String, or "" if it depends.
// Source: CloudFormation User Guide, "Intrinsic function reference".
var results = map[string]Kind{
	"Ref":              "",
	"Fn::And":          Boolean,
	"Fn::Base64":       String,
	"Fn::Cidr":         List,
	"Fn::Equals":       Boolean,
	"Fn::FindInMap":    "",
	"Fn::GetAZs":       List,
	"Fn::GetAtt":       "",
	"Fn::If":           "",
	"Fn::ImportValue":  String,
	"Fn::Join":         String,
	"Fn::Length":       Integer,
	"Fn::Not":          Boolean,
	"Fn::Or":           Boolean,
	"Fn::Select":       "",
	"Fn::Split":        List,
	"Fn::Sub":          String,
	"Fn::ToJsonString": String,
	"Fn::Transform":    "",
}

// pseudoParameters are the parameters that exist in every template.
var pseudoParameters = []string{
	"AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition",
	"AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix",
}

// intrinsic returns the function and its argument if the value is an intrinsic in the long form.
func intrinsic(value any) (function string, argument any, ok bool) {
	m, isMap := asMap(value)
	if !isMap || len(m) != 1 {
		return "", nil, false
	}
	for name, argument := range m {
		if name == "Ref" || strings.HasPrefix(name, "Fn::") {
			return name, argument, true
		}
	}
	return "", nil, false
}

// isNoValue reports whether the value removes its property: {"Ref": "AWS::NoValue"}.
func isNoValue(value any) bool {
	function, argument, ok := intrinsic(value)
	return ok && function == "Ref" && argument == "AWS::NoValue"
}

// fits reports whether a function's result is allowed where the kind is expected. A list and a single
// value are never interchangeable; CloudFormation converts text to a number or a boolean.
func fits(result, wanted Kind) bool {
	switch result {
	case "":
		return true
	case List:
		return wanted == List
	}
	return slices.Contains([]Kind{String, Integer, Number, Boolean}, wanted)
}

// asMap returns a decoded mapping by the text of its keys: yaml.v3 returns map[any]any if
// one key is not a string.
func asMap(value any) (map[string]any, bool) {
	switch m := value.(type) {
	case map[string]any:
		return m, true
	case map[any]any:
		byText := make(map[string]any, len(m))
		for key, value := range m {
			byText[fmt.Sprint(key)] = value
		}
		return byText, true
	}
	return nil, false
}
