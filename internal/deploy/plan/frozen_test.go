package plan

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/manifest"
)

// A plan is executed by whatever version of this program another job has: another field, or another meaning of one, is another [Version].
func TestFieldsOfAPlanFileAreFrozen(t *testing.T) {
	want := []string{
		"made text",
		"by string",
		"revision string, optional",
		"account string",
		"region string",
		"manifest as in site.json",
		"create bool",
		"stackId string, optional",
		"updated text, optional",
		"changes.path[] string",
		"changes.name string",
		"changes.stackId string, optional",
		"changes.changeSetId string, optional",
		"changes.action text",
		"changes.note string, optional",
		"changes.unchecked bool, optional",
		"changes.items[].action text",
		"changes.items[].logicalId string",
		"changes.items[].physicalId string, optional",
		"changes.items[].type string",
		"changes.items[].scope[] string, optional",
		"changes.items[].properties[].path string",
		"changes.items[].properties[].before string, optional",
		"changes.items[].properties[].after string, optional",
		"changes.items[].properties[].hasValues bool",
		"changes.items[].properties[].requiresRecreation text",
		"changes.items[].properties[].dynamic bool, optional",
		"changes.items[].properties[].cause string, optional",
		"changes.items[].policyAction string, optional",
		"changes.items[].stateful bool, optional",
		"changes.items[].uncertain bool, optional",
		"changes.children[] as around it, optional",
		"findings[].code string",
		"findings[].subject string",
		"findings[].what string",
		"findings[].facts[].path string, optional",
		"findings[].facts[].before string, optional",
		"findings[].facts[].after string, optional",
		"findings[].digest string",
		"findings[].fails bool, optional",
		"findings[].steps[] string, optional",
		"findings[].lastResort string, optional",
		"findings[].snapshot bool, optional",
		"accepted[].code string",
		"accepted[].subject string",
		"accepted[].reason string",
		"accepted[].digest string, optional",
		"newlyPublic[] string, optional",
		"notes[] string, optional",
		"fallback.reason string",
		"fallback.deployed map, optional",
		"upgrade.what string",
		"upgrade.permitted bool, optional",
	}
	got := fieldsOf("", reflect.TypeFor[Plan](), nil)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan files have other fields, and need another version (-want +got):\n%s", diff)
	}
	if Version != 3 {
		t.Errorf("the fields above are those of version 3, not %d", Version)
	}
}

// fieldsOf lists the fields of a JSON object, those of objects in it by their path.
func fieldsOf(path string, kind reflect.Type, around []reflect.Type) (fields []string) {
	for f := range kind.Fields() {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		of := f.Type
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() == reflect.Slice {
			name, of = name+"[]", of.Elem()
		}
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		what := of.Kind().String()
		switch {
		case of == reflect.TypeFor[manifest.Manifest]():
			what = "as in " + manifest.FileName
		case of.Implements(reflect.TypeFor[encoding.TextMarshaler]()): // times and enumerations
			what = "text"
		case slices.Contains(around, of):
			what = "as around it"
		case of.Kind() == reflect.Struct:
			fields = append(fields, fieldsOf(path+name+".", of, append(around, of))...)
			continue
		}
		if strings.HasPrefix(rest, "omit") {
			what += ", optional"
		}
		fields = append(fields, fmt.Sprintf("%s%s %s", path, name, what))
	}
	return fields
}
