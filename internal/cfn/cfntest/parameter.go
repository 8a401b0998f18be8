package cfntest

import (
	"regexp"
	"slices"
	"strings"
)

// parametersFrom gives every parameter of a template its value.
func (t *template) parametersFrom(given map[string]string) (map[string]string, error) {
	values := map[string]string{}
	var missing []string
	for name := range given {
		if t.parameters[name] == nil {
			return nil, invalid("Parameters: [%s] do not exist in the template", name)
		}
	}
	for _, name := range sortedKeys(t.parameters) {
		declared := t.parameters[name]
		value, ok := given[name]
		if !ok {
			if value, ok = textOf(declared["Default"]), declared["Default"] != nil; !ok {
				missing = append(missing, name)
				continue
			}
		}
		if err := checkParameter(name, value, declared); err != nil {
			return nil, err
		}
		values[name] = value
	}
	if len(missing) > 0 {
		return nil, invalid("Parameters: [%s] must have values", strings.Join(missing, ", "))
	}
	return values, nil
}

// checkParameter checks a value against the parameter's constraints. A value that is not known yet is only a placeholder in a
// nested change set, and fails wherever CloudFormation has to look into it (cfn-language-discussion 152, rain 526).
func checkParameter(name, value string, declared map[string]any) error {
	kind := text(declared, "Type")
	if pattern := text(declared, "AllowedPattern"); pattern != "" {
		if whole, err := regexp.Compile("^(?:" + pattern + ")$"); err == nil && !whole.MatchString(value) {
			if constraint := text(declared, "ConstraintDescription"); constraint != "" {
				return invalid("Parameter %s failed to satisfy constraint: %s", name, constraint)
			}
			return invalid("Parameter '%s' must match pattern %s", name, pattern)
		}
	}
	if allowed, ok := declared["AllowedValues"].([]any); ok && !slices.ContainsFunc(allowed, func(v any) bool { return textOf(v) == value }) {
		return invalid("Parameter '%s' must be one of AllowedValues", name)
	}
	switch {
	case !hasUnknown(value):
		return nil
	case strings.HasPrefix(kind, "AWS::SSM::Parameter::Value"):
		return invalid("Unable to fetch parameters [%s] from parameter store for this account.", value)
	case strings.Contains(value, "//Fn::ImportValue"):
		return invalid("Usage of %s is not allowed", value)
	}
	return nil
}
