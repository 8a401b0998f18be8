package stacks_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/servicerules"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/manifest"
)

// TestServicesTakeEveryVariant checks all variants of the builders, with the tags that the site's file gives to the stack.
func TestServicesTakeEveryVariant(t *testing.T) {
	for name, env := range variants(t) {
		t.Run(name, func(t *testing.T) {
			site, files := generate(t, env), map[string][]byte{}
			for _, stack := range site.Stacks {
				files[stack.Path] = stack.YAML
				parsed, err := template.Parse(stack.Path, stack.YAML)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(parsed.Values()["Resources"], stack.Values()["Resources"]); diff != "" {
					t.Errorf("%s has other values than its YAML (-YAML +values):\n%s", stack.Path, diff)
				}
			}
			obey(t, files, env.Tags)
		})
	}
}

// TestServicesTakeTheCommittedTemplates checks what is in out/ as it is, whoever made it.
func TestServicesTakeTheCommittedTemplates(t *testing.T) {
	for _, name := range committed {
		files := map[string][]byte{}
		folder := filepath.Join("../out", name)
		paths, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		if err != nil || len(paths) < 4 {
			t.Fatalf("%s holds the templates %v: %v", folder, paths, err)
		}
		for _, path := range paths {
			if files[filepath.Base(path)], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
		m, err := manifest.Read(os.DirFS(folder))
		if err != nil {
			t.Fatal(err)
		}
		obey(t, files, m.Tags)
	}
}

// obey reports what a service would refuse. A rule from memory is only logged: it may be wrong.
func obey(t *testing.T, files map[string][]byte, tags map[string]string) {
	t.Helper()
	site := &servicerules.Site{Tags: tags}
	for path, content := range files {
		parsed, err := template.Parse(path, content)
		if err != nil {
			t.Fatal(err)
		}
		site.Templates = append(site.Templates, servicerules.Template{Name: path, Values: parsed.Values()})
	}
	for _, v := range servicerules.Check(site) {
		if v.Warns() {
			t.Log(v)
		} else {
			t.Error(v)
		}
	}
}
