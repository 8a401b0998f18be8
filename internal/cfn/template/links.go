package template

import "regexp"

// Export is an output that other stacks can import.
type Export struct {
	Name  string // the export's name
	Key   string // the output's
	Value any
}

// Exports lists the exports of a template whose names are literal, by name.
func Exports(t Template) map[string]Export {
	all := map[string]Export{}
	for key, v := range section(t, "Outputs") {
		output := mapOf(v)
		if name, ok := mapOf(output["Export"])["Name"].(string); ok {
			all[name] = Export{name, key, output["Value"]}
		}
	}
	return all
}

// Output is the literal value of an output; false when there is none, or an intrinsic works it out.
func Output(t Template, key string) (string, bool) {
	v, ok := mapOf(section(t, "Outputs")[key])["Value"].(string)
	return v, ok
}

// OutputKeys lists the keys of a template's outputs, sorted.
func OutputKeys(t Template) []string { return keysOf(section(t, "Outputs"), nil) }

// Imports lists the literal names that a template imports.
func Imports(t Template) map[string]bool {
	names := map[string]bool{}
	walk(map[string]any(t), func(name string, arg any) {
		if text, ok := arg.(string); ok && name == "Fn::ImportValue" {
			names[text] = true
		}
	})
	return names
}

// RefersTo reports whether a value is worked out from a resource: by !Ref, !GetAtt, or ${…} in a !Sub.
func RefersTo(v any, id string) bool {
	found := false
	walk(v, func(name string, arg any) {
		switch name {
		case "Ref":
			found = found || arg == id
		case "Fn::GetAtt":
			list, _ := arg.([]any)
			found = found || len(list) > 0 && list[0] == id
		case "Fn::Sub":
			text, _ := arg.(string)
			if list, ok := arg.([]any); ok && len(list) > 0 {
				text, _ = list[0].(string)
			}
			found = found || substitutes(text, id)
		}
	})
	return found
}

// walk visits every intrinsic in a value, outermost first.
func walk(v any, visit func(name string, arg any)) {
	switch v := v.(type) {
	case map[string]any:
		if isIntrinsic(v) {
			for name, arg := range v {
				visit(name, arg)
			}
		}
		for _, item := range v {
			walk(item, visit)
		}
	case []any:
		for _, item := range v {
			walk(item, visit)
		}
	}
}

var placeholder = regexp.MustCompile(`\$\{([A-Za-z0-9]+)[.}]`)

// substitutes reports whether the text of a !Sub names a resource.
func substitutes(text, id string) bool {
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if m[1] == id {
			return true
		}
	}
	return false
}
