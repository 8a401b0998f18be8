package stacks_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/template"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// templateDigest is in the root's TemplateURL the checksum of a nested template's bytes, comments among them.
var templateDigest = regexp.MustCompile(`templates/[0-9a-f]{64}\.yaml`)

// TestTheMeaningOfTheTemplatesIsFrozen holds what CloudFormation reads of every variant's templates: resources, logical ids, properties,
// policies, conditions, export names, and the node bundle's checksum in the user data. Comments and the texts that only people read are
// free. A change of properties rewrites the golden file by -update, and its commit says so.
func TestTheMeaningOfTheTemplatesIsFrozen(t *testing.T) {
	got := map[string]map[string]string{}
	for name, env := range variants(t) {
		site := generate(t, env)
		got[name] = map[string]string{}
		for _, s := range site.Stacks {
			got[name][s.Template.Name] = meaning(t, s.YAML)
		}
	}
	file := filepath.Join("testdata", "frozen.json")
	if *update {
		text, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]map[string]string
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("templates mean something else than before (compare out/ with the last commit; go test ./stacks -update when it is meant):\n%s", diff)
	}
}

// meaning returns the checksum of a template's parsed values, without what only people read.
func meaning(t *testing.T, text []byte) string {
	t.Helper()
	parsed, err := template.Parse("template.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	values := parsed.Values()
	delete(values, "Description")
	outputs, _ := values["Outputs"].(map[string]any)
	for _, output := range outputs {
		if o, ok := output.(map[string]any); ok {
			delete(o, "Description")
		}
	}
	canonical, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(templateDigest.ReplaceAll(canonical, []byte("templates/digest.yaml")))
	return hex.EncodeToString(sum[:])
}

// TestAChangeOfMeaningIsSeen holds the test above: each kind of change gives another checksum, a comment does not.
func TestAChangeOfMeaningIsSeen(t *testing.T) {
	base := "Description: a\nResources:\n  A:\n    Type: T\n    Properties:\n      P: !Sub x\n      L: [1, 2]\nOutputs:\n  O: {Description: d, Value: !Ref A, Export: {Name: n}}\n"
	same := map[string]string{"comment": "# c\n" + base, "description": strings.Replace(base, "Description: a", "Description: b", 1), "output's description": strings.Replace(base, "Description: d", "Description: e", 1)}
	other := map[string]string{}
	for _, pair := range [][2]string{{"  A:", "  B:"}, {"Type: T", "Type: U"}, {"!Sub x", "!Ref x"}, {"!Sub x", "x"}, {"[1, 2]", "[2, 1]"}, {"[1, 2]", `["1", 2]`}, {"Name: n", "Name: m"}, {"      P: !Sub x\n", ""}} {
		other[pair[0]+" → "+pair[1]] = strings.Replace(base, pair[0], pair[1], 1)
	}
	want := meaning(t, []byte(base))
	for _, name := range slices.Sorted(maps.Keys(same)) {
		if meaning(t, []byte(same[name])) != want {
			t.Errorf("%s changes the meaning", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(other)) {
		if meaning(t, []byte(other[name])) == want {
			t.Errorf("%s is not seen", name)
		}
	}
}
