package stacks_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/schema"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/stacks"
)

// committed are the environments whose output is committed, and reviewed.
var committed = []string{"dev", "prod"}

func generate(t *testing.T, env *environment.Environment) *stacks.Site {
	t.Helper()
	site, err := stacks.Generate(env)
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func load(t *testing.T, name string) *environment.Environment {
	t.Helper()
	env, err := environment.Load(filepath.Join("..", "environments", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	env.Path = "environments/" + name + ".yaml"
	return env
}

func TestOutIsWhatTheEnvironmentsSay(t *testing.T) {
	for _, name := range committed {
		for path, content := range generate(t, load(t, name)).Files {
			file := filepath.Join("..", "out", name, path)
			got, err := os.ReadFile(file)
			if err != nil {
				t.Errorf("%v: run make templates", err)
			}
			if diff := cmp.Diff(string(got), string(content)); diff != "" {
				t.Errorf("%s is stale, run make templates (-committed +generated):\n%s", file, diff)
			}
		}
	}
}

func TestTheSameEnvironmentGivesTheSameBytes(t *testing.T) {
	for _, name := range committed {
		if diff := cmp.Diff(generate(t, load(t, name)).Files, generate(t, load(t, name)).Files); diff != "" {
			t.Errorf("%s: two runs differ:\n%s", name, diff)
		}
	}
}

func TestTheManifestVouchesForWhatIsGenerated(t *testing.T) {
	for _, name := range committed {
		folder := fstest.MapFS{}
		files := generate(t, load(t, name)).Files
		for path, content := range files {
			folder[path] = &fstest.MapFile{Data: content}
		}
		site, err := manifest.Read(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range site.Stacks {
			if !bytes.Contains(site.Content[site.Root.Path], []byte(manifest.TemplateKey(s.Template.SHA256))) {
				t.Errorf("%s: the root template does not refer to %s by its content", name, s.Template.Path)
			}
		}
		if !bytes.Contains(site.Content["app.yaml"], []byte("BUNDLE="+site.Node.SHA256)) {
			t.Errorf("%s: the launch template does not name the node's bundle by its content", name)
		}
	}
}

// TestEveryPropertyAndAttributeIsCloudFormations is what makes Set and Att safe: goformation is older than some properties, and
// neither takes a name that the schemas do not have.
func TestEveryPropertyAndAttributeIsCloudFormations(t *testing.T) {
	for name, env := range variants(t) {
		for path, content := range generate(t, env).Files {
			if filepath.Ext(path) != ".yaml" {
				continue
			}
			parsed, err := template.Parse(path, content)
			if err != nil {
				t.Fatalf("%s/%s: %v", name, path, err)
			}
			for _, p := range schema.Check(parsed.Values()) {
				t.Errorf("%s/%s: %+v", name, path, p)
			}
		}
	}
}

func TestTheOrderFollowsFromTheImports(t *testing.T) {
	site := generate(t, load(t, "dev"))
	var order [][]string
	for _, s := range site.Manifest.Stacks {
		order = append(order, append([]string{s.Name}, s.Imports...))
	}
	if diff := cmp.Diff([][]string{{"network"}, {"data", "network"}, {"app", "data", "network"}}, order); diff != "" {
		t.Errorf("each stack and what it imports from (-want +got):\n%s", diff)
	}
	root, err := template.Parse("site.yaml", site.Files["site.yaml"])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Data", "Network"}, root.Resource("App").DependsOn()); diff != "" {
		t.Errorf("App's DependsOn (-want +got):\n%s", diff)
	}
}

func TestNoTemplateHasParametersOrOtherMachinery(t *testing.T) {
	for name, env := range variants(t) {
		for path, content := range generate(t, env).Files {
			if filepath.Ext(path) != ".yaml" {
				continue
			}
			parsed, err := template.Parse(path, content)
			if err != nil {
				t.Fatal(err)
			}
			for key := range parsed.Values() {
				if !strings.Contains("AWSTemplateFormatVersion Description Resources Outputs", key) {
					t.Errorf("%s/%s has the section %s: values come from the environment file, literally", name, path, key)
				}
			}
		}
	}
}

// TestARemovedExportDoesNotCompile takes each field out of network.Exports in turn, as far as the compiler is concerned.
func TestARemovedExportDoesNotCompile(t *testing.T) {
	source, err := filepath.Abs("network/exports.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"VPC", "DataSubnets", "LogKey"} {
		var kept []string
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(strings.TrimSpace(line), field+" ") {
				kept = append(kept, line)
			}
		}
		changed := filepath.Join(t.TempDir(), "exports.go")
		overlay := filepath.Join(t.TempDir(), "overlay.json")
		writeFile(t, changed, strings.Join(kept, ""))
		writeFile(t, overlay, `{"Replace": {"`+source+`": "`+changed+`"}}`)
		out, err := exec.Command("go", "build", "-overlay", overlay, "./...").CombinedOutput()
		if err == nil || !strings.Contains(string(out), field) {
			t.Errorf("without network.Exports.%s the stacks still compile (%v):\n%s", field, err, out)
		}
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
