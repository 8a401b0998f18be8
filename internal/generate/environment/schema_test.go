package environment

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"
	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "rewrite the golden files and environments/schema.json")

const (
	folder     = "../../../environments"
	schemaFile = folder + "/schema.json"
	firstLine  = "# yaml-language-server: $schema=schema.json"
)

func TestSchemaFileIsFresh(t *testing.T) {
	made, err := madeSchema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, schemaFile, string(made))
}

func TestEnvironmentFilesNameTheSchemaAndPassIt(t *testing.T) {
	files, err := List(folder)
	if err != nil || len(files) == 0 {
		t.Fatalf("environment files: %v, %v", files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(string(content), "\n"); first != firstLine {
			t.Errorf("%s starts with %q, want %q", file, first, firstLine)
		}
		if _, err := Load(file); err != nil {
			t.Error(err)
		}
		if err := validate(t, content); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// validate holds a file's content against the schema.
func validate(t testing.TB, content []byte) error {
	t.Helper()
	made, err := jsonschema.For[Environment](nil)
	if err != nil {
		t.Fatal(err)
	}
	describe(made, "")
	resolved, err := made.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Unmarshal(content, &value); err != nil {
		t.Fatal(err)
	}
	return resolved.Validate(value)
}

// golden compares with a file, or rewrites it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./internal/generate/environment -update writes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is stale; go test ./internal/generate/environment -update rewrites it (-file +made):\n%s", file, diff)
	}
}

// The schema must know what the checker knows of a single key: a person's editor should not praise what gen refuses.
func TestSchemaRefusesWhatOneKeyMayNotBe(t *testing.T) {
	for _, replace := range [][2]string{
		{"region: eu-central-1", "region: Frankfurt"},
		{"site: moodle-dev", "sitte: moodle-dev"},
		{"zones: [eu-central-1a, eu-central-1b]", "zones: [eu-central-1a]"},
		{"network:", "network:\n  nat: both"},
		{"network:", "network:\n  flowLogDays: 31"},
		{"siteName: Moodle", "siteName: "},
		{"sha256: 7e", "sha256: 7E"},
		{"moodle:", "database:\n  capacity: {maximum: 0.75}\nmoodle:"},
		{"moodle:", "accept: {no-sleep: really}\nmoodle:"},
		{"moodle:", "mail:\nmoodle:"},
	} {
		content := edit(t, small, replace[0], replace[1])
		if err := validate(t, []byte(content)); err == nil {
			t.Errorf("the schema accepts %q in place of %q", replace[1], replace[0])
		}
		if _, err := Parse("environments/test.yaml", []byte(content)); err == nil {
			t.Errorf("the checker accepts %q in place of %q", replace[1], replace[0])
		}
	}
}
