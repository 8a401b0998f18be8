package environment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
)

// madeSchema is the JSON Schema of an environment file, for editors: made from the Go types, with what rules say of one key. What
// it accepts may still break a rule over several keys; what [Parse] accepts, it accepts.
func madeSchema() ([]byte, error) {
	root, err := jsonschema.For[Environment](nil)
	if err != nil {
		return nil, fmt.Errorf("make the schema of environment files: %w", err)
	}
	describe(root, "")
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "Environment file of a distributed Moodle"
	root.Comment = "Generated from the Go types of internal/generate/environment: go test ./internal/generate/environment -update"
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("write the schema of environment files: %w", err)
	}
	return text.Bytes(), nil
}

// describe adds the rules to a schema that knows the types only.
func describe(s *jsonschema.Schema, kind string) {
	// An environment file has no null: a key is left out.
	if s.Types = slices.DeleteFunc(s.Types, func(t string) bool { return t == "null" }); len(s.Types) == 1 {
		s.Type, s.Types = s.Types[0], nil
	}
	r := rules[kind]
	s.Enum, s.Pattern = r.oneOf, r.pattern
	if r.bounded() {
		bound(s, r)
	}
	if r.step != 0 {
		s.MultipleOf = &r.step
	}
	if r.standard != nil {
		s.Default, _ = json.Marshal(r.standard)
	}
	if r.production != nil {
		s.Description += fmt.Sprintf(" (default %v, in production %v)", r.standard, r.production)
	}
	for name, property := range s.Properties {
		describe(property, join(kind, name))
	}
	if s.Items != nil {
		describe(s.Items, kind+"[]")
	}
	if s.Type == "object" && s.Properties == nil {
		describe(s.AdditionalProperties, kind+".*")
	}
	if kind == "accept" {
		s.PropertyNames = &jsonschema.Schema{Enum: deviationCodes()}
	}
}

// bound sets a rule's bounds in the words of the schema's type.
func bound(s *jsonschema.Schema, r rule) {
	least, most := int(r.minimum), int(r.maximum)
	switch s.Type {
	case "string":
		s.MinLength, s.MaxLength = &least, &most
	case "array":
		s.MinItems, s.MaxItems, s.UniqueItems = &least, &most, s.Items.Type == "string"
	case "object":
		s.MaxProperties = &most
	default:
		s.Minimum, s.Maximum = &r.minimum, &r.maximum
	}
}

func deviationCodes() []any {
	var codes []any
	for _, d := range deviations {
		codes = append(codes, d.code)
	}
	return codes
}
