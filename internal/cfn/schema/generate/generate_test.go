package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheCommittedTableIsFresh(t *testing.T) {
	folder, err := findPackage("../../../..")
	if err != nil {
		t.Skip("cfn-lint's wheel is not installed in .venv/lint, so the table can't be made again: ", err)
	}
	types, err := readTypes("../types.txt")
	if err != nil {
		t.Fatal(err)
	}
	want, err := generate(folder, types)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../table.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(got), "\n"), strings.Split(string(want), "\n")); diff != "" {
		t.Errorf("table.json is stale, run go generate ./internal/cfn/schema; -committed +made again\n%s", diff)
	}
}

func TestTheCommittedOffersAreFresh(t *testing.T) {
	folder, err := findPackage("../../../..")
	if err != nil {
		t.Skip("cfn-lint's wheel is not installed in .venv/lint, so the list can't be made again: ", err)
	}
	want, err := offered(folder)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../generate/environment/offered.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(got), "\n"), strings.Split(string(want), "\n")); diff != "" {
		t.Errorf("offered.txt is stale, run go generate ./internal/cfn/schema; -committed +made again\n%s", diff)
	}
}

// The version in the table must be the one that the linters' lock pins, for a venv may be older.
func TestTheTableIsOfThePinnedVersion(t *testing.T) {
	lock, err := os.ReadFile("../../../../lint/requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../table.json")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Version string `json:"cfnLint"`
	}
	if err := json.Unmarshal(text, &table); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(lock), "\ncfn-lint=="+table.Version+" ") {
		t.Errorf("table.json is of cfn-lint %s, lint/requirements.txt pins another", table.Version)
	}
}

func TestCompile(t *testing.T) {
	rows := []struct{ name, schema, want string }{
		{"kinds", `{"properties": {"A": {"type": "string"}, "B": {"type": "array", "items": {"type": "integer"}}, "C": {"type": "array", "uniqueItems": true, "items": {"type": "boolean"}}, "D": {"type": ["object", "string"]}}, "required": ["A"]}`,
			`"Properties": {"A!": "string", "B": "list of integer", "C": "set of boolean", "D": "json"}`},
		{"enumeration", `{"properties": {"A": {"type": "string", "enum": ["b", "a"]}}}`,
			`"Properties": {"A": "string = a | b"}`},
		{"recursion ends", `{"properties": {"S": {"$ref": "#/definitions/S"}}, "definitions": {"S": {"type": "object", "properties": {"Not": {"$ref": "#/definitions/S"}}}}}`,
			`"Properties": {"S": "S"},
    "S": {"Not": "S"}`},
		{"an object in place", `{"properties": {"A": {"type": "object", "properties": {"B": {"type": "object", "properties": {"C": {"type": "number"}}}}}}}`,
			`"Properties": {"A": ".A"},
    ".A": {"B": ".A.B"},
    ".A.B": {"C": "number"}`},
		{"free keys", `{"properties": {"A": {"type": "object", "patternProperties": {".*": {"type": "string"}}}}}`,
			`"Properties": {"A": "map of string"}`},
		{"empty and open objects", `{"properties": {"A": {"type": "object", "additionalProperties": false}, "B": {"type": "object"}}}`,
			`"Properties": {"A": ".A", "B": "json"},
    ".A": {}`},
		{"alternatives", `{"properties": {"A": {"type": "object", "oneOf": [{"properties": {"B": {"type": "string"}}}, {"properties": {"C": {"type": "string"}}}]}}}`,
			`"Properties": {"A": ".A"},
    ".A": {"B": "string", "C": "string"}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff("{\n  \"attributes\": [],\n  \"definitions\": {\n    "+row.want+"\n  }\n}", written(t, row.schema, false)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestCompileTellsAttributesAndPaths(t *testing.T) {
	schema := `{"properties": {"A": {"type": "string"}, "L": {"type": "array", "items": {"$ref": "#/definitions/O"}}, "O": {"$ref": "#/definitions/O"}},
		"definitions": {"O": {"type": "object", "properties": {"P": {"type": "string"}}}},
		"readOnlyProperties": ["/properties/O", "/properties/O/P", "/properties/L/*/P", "/properties/Arn"],
		"createOnlyProperties": ["/properties/L/*/P", "/properties/A"],
		"tagging": {"taggable": true, "tagProperty": "/properties/L"}}`
	got := written(t, schema, false)
	for _, want := range []string{
		`"attributes": ["Arn", "O.P"]`,
		`"createOnly": ["A", "L.P"]`,
		`"readOnly": ["Arn", "L.P", "O", "O.P"]`,
		`"tags": "L"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if got, want := written(t, schema, true), `"attributes": ["A", "O.P"]`; !strings.Contains(got, want) {
		t.Errorf("where every property is an attribute: no %s in\n%s", want, got)
	}
}

func TestCompileRefusesWhatItDoesNotKnow(t *testing.T) {
	for schema, want := range map[string]string{
		`{"properties": {"A": {"$ref": "#/definitions/Gone"}}}`: "#/definitions/Gone leads nowhere",
		`{"properties": {"A": {"type": "decimal"}}}`:            `unknown kind "decimal"`,
		`{"definitions": {"Properties": {}}}`:                   "a definition is named Properties",
	} {
		if _, err := compile(parse(t, schema), false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", schema, err, want)
		}
	}
}

func TestReadTypesKeepsTheListSorted(t *testing.T) {
	name := filepath.Join(t.TempDir(), "types.txt")
	if err := os.WriteFile(name, []byte("# two\nAWS::SNS::Topic\nAWS::EC2::VPC\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readTypes(name); err == nil || !strings.Contains(err.Error(), "AWS::EC2::VPC is listed after AWS::SNS::Topic") {
		t.Errorf("an unsorted list: %v", err)
	}
}

func TestFindPackageSaysHowToInstall(t *testing.T) {
	if _, err := findPackage(t.TempDir()); err == nil || !strings.Contains(err.Error(), "lint/README.md") {
		t.Errorf("without an environment: %v", err)
	}
}

func parse(t *testing.T, schema string) *source {
	t.Helper()
	s := new(source)
	if err := json.Unmarshal([]byte(schema), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func written(t *testing.T, schema string, allProperties bool) string {
	t.Helper()
	e, err := compile(parse(t, schema), allProperties)
	if err != nil {
		t.Fatal(err)
	}
	return e.text()
}
