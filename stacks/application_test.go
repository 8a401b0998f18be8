package stacks_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn/schema"
	"distributed-moodle/internal/cfn/template"
)

// Each property of the table is one that its type has, and each key one that an environment file may have.
func TestTheTableOfKeysNamesWhatIsThere(t *testing.T) {
	text, err := os.ReadFile("../environments/schema.json")
	var keys map[string]any
	if err != nil || json.Unmarshal(text, &keys) != nil {
		t.Fatal("environments/schema.json cannot be read", err)
	}
	table := generate(t, load(t, "prod")).Manifest.Application.Keys
	for property, key := range table {
		kind, path, _ := strings.Cut(property, ".")
		of, known := schema.Of(kind)
		if known {
			_, known = of.Property(path)
		}
		if !known {
			t.Errorf("%s has no property %s", kind, path)
		}
		at, there := keys, false
		for part := range strings.SplitSeq(key, ".") {
			below, _ := at["properties"].(map[string]any)
			at, there = below[part].(map[string]any)
		}
		if !there {
			t.Errorf("no environment file has a key %s", key)
		}
	}
	if len(table) == 0 {
		t.Error("the table is empty")
	}
}

// The deployer finds by the table what it looks for in the templates, and its advice leads somewhere.
func TestTheTableNamesWhatIsThere(t *testing.T) {
	site := generate(t, load(t, "prod"))
	said := site.Manifest.Application
	keys := map[string][]string{} // of outputs, by the template's path
	for _, s := range site.Stacks {
		parsed, err := template.Parse(s.Path, s.YAML)
		if err != nil {
			t.Fatal(err)
		}
		keys[s.Path] = parsed.OutputKeys()
	}
	for _, test := range []struct{ path, key string }{
		{"site.yaml", said.Outputs.Address}, {"site.yaml", said.Outputs.LogGroup}, {"site.yaml", said.Outputs.LogDays}, {"data.yaml", said.Outputs.DatabaseSecret},
		{"app.yaml", said.Name + said.Outputs.VersionSuffix}, {"app.yaml", said.Name + said.Outputs.CodeSuffix},
	} {
		if all := " " + strings.Join(keys[test.path], " ") + " "; !strings.Contains(all, " "+test.key+" ") {
			t.Errorf("%s has no output %s, but%s", test.path, test.key, all)
		}
	}
	secret, roles := string(site.Files["data.yaml"]), string(site.Files["node/php/database.php"])
	for i, ending := range said.RoleEndings {
		if role := "moodle" + ending; !strings.Contains(roles, "'"+role+"'") || i == 0 && !strings.Contains(secret, role) {
			t.Errorf("the node's files or the secret do not know the role %s", role)
		}
	}
	for _, test := range []struct{ advice, file, words string }{
		{said.Advice.Generate, "Makefile", "\ntemplates:"}, {said.Advice.Restore, "docs/runbook.md", "\n## Upgrade Moodle\n"},
		{said.Advice.Upgrade, "environments/prod.yaml", "moodle:"},
	} {
		text, err := os.ReadFile("../" + test.file)
		if err != nil || !strings.Contains(string(text), test.words) {
			t.Errorf("%q: %s has no %q (%v)", test.advice, test.file, test.words, err)
		}
		if test.file != "Makefile" && !strings.Contains(test.advice, test.file) {
			t.Errorf("%q does not name %s", test.advice, test.file)
		}
	}
}
