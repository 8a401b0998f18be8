package template

import (
	"fmt"
	"reflect"
)

// Import is another stack's exported value. Its zero value is an export that its builder forgot; [Complete] finds it.
type Import struct{ stack, name string }

// Export offers a value to the site's other stacks under "<site>-<stack>-<key>" and returns what imports it. The name is
// literal: CloudFormation cannot plan a nested change set over export names that it must work out first.
func (t *Template) Export(key, why, value string) Import {
	name := fmt.Sprintf("%s-%s-%s", t.Site, t.Name, key)
	t.outputs = append(t.outputs, output{key, why, value, name})
	return Import{stack: t.Name, name: name}
}

// Output adds an output for people and for programs outside the site; no stack imports it.
func (t *Template) Output(key, why, value string) {
	t.outputs = append(t.outputs, output{key: key, why: why, value: value})
}

// Value is the !ImportValue, for any string property.
func (i Import) Value() string {
	return token{Fn: "ImportValue", Args: []any{i.name}, Stack: i.stack}.String()
}

// Given reports whether the import was exported; only an optional one may not be.
func (i Import) Given() bool { return i.name != "" }

// Values are the !ImportValues of a list of imports, for a list property.
func Values(imports []Import) []string {
	var values []string
	for _, i := range imports {
		values = append(values, i.Value())
	}
	return values
}

// Complete returns an error that names the first field of a stack's Exports to which its builder gave no value. Fields are
// [Import]s or lists of them; one with the tag `export:"optional"` may be empty.
func Complete(stack string, exports any) error {
	v := reflect.ValueOf(exports)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Tag.Get("export") != "optional" && !given(v.Field(i)) {
			return fmt.Errorf("stack %s: %s.%s was never given a value: call Export for it in the builder, or remove the field",
				stack, v.Type(), field.Name)
		}
	}
	return nil
}

func given(v reflect.Value) bool {
	if v.Kind() != reflect.Slice {
		return v.Interface().(Import).Given()
	}
	for i := range v.Len() {
		if !given(v.Index(i)) {
			return false
		}
	}
	return v.Len() > 0
}
