package environment

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// A school's environment file goes on to work: a key may come, none may go or take another kind of value.
func TestKeysAreFrozen(t *testing.T) {
	root, err := jsonschema.For[Environment](nil)
	if err != nil {
		t.Fatal(err)
	}
	describe(root, "")
	golden(t, "testdata/keys.txt", strings.Join(schemaKeys("", root), "\n")+"\n")
}

// schemaKeys lists the keys of a schema, each with its place, its kind, and whether it must be given.
func schemaKeys(place string, s *jsonschema.Schema) (keys []string) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		of := s.Properties[name]
		line := fmt.Sprintf("%s%s: %s", place, name, schemaKind(of))
		if slices.Contains(s.Required, name) {
			line += ", required"
		}
		keys = append(append(keys, line), schemaKeys(place+name+".", of)...)
		if of.Items != nil {
			keys = append(keys, schemaKeys(place+name+"[].", of.Items)...)
		}
	}
	return keys
}

func schemaKind(s *jsonschema.Schema) string {
	switch {
	case len(s.Enum) > 0:
		return fmt.Sprint("one of ", s.Enum)
	case s.Items != nil:
		return "list of " + schemaKind(s.Items)
	case s.PropertyNames != nil:
		return fmt.Sprint("object of ", schemaKind(s.AdditionalProperties), " by one of ", s.PropertyNames.Enum)
	case s.Type == "object" && s.Properties == nil:
		return "object of " + schemaKind(s.AdditionalProperties)
	default:
		return s.Type + strings.Join(s.Types, " or ")
	}
}
