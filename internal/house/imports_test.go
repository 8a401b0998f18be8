package house

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "distributed-moodle/"

// pkg is a package as `go list` knows it; paths of this module are without the module's name.
type pkg struct {
	ImportPath string
	Dir        string
	Doc        string
	Imports    []string
	Deps       []string
	GoFiles    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,Imports,Deps,GoFiles", "./...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		for i := range p.Imports {
			p.Imports[i] = strings.TrimPrefix(p.Imports[i], module)
		}
		for i := range p.Deps {
			p.Deps[i] = strings.TrimPrefix(p.Deps[i], module)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list knows %d packages; the rules below would hold for nothing", len(all))
	}
	return all
}

func root(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatalf("go list -m: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// under reports whether a package is folder or lies below it.
func under(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

func TestWhoMayNotImportWhom(t *testing.T) {
	rules := []struct {
		who, whom string
		directly  bool // only imports count, not what they import in turn
		except    []string
		why       string
	}{
		{who: "cmd/deploy", whom: "stacks", why: "the deployer runs exactly what was reviewed in out/; if it could build templates, it could run something else"},
		{who: "cmd/deploy", whom: "internal/generate/environment", why: "the manifest describes the site; reading the environment file again could give a result that nobody reviewed"},
		{who: "cmd/deploy", whom: "internal/generate/template", why: "the deployer serves any folder of templates with a manifest, however it was made"},
		{who: "cmd/deploy", whom: "github.com/awslabs/goformation", why: "the deployer reads templates that are already written, and needs no builders"},
		{who: "cmd/gen", whom: "github.com/aws/aws-sdk-go-v2", why: "the generator never calls AWS: the same file gives the same bytes offline"},
		{who: "cmd/gen", whom: "net/http", why: "the generator never uses the network"},
		{who: "internal/generate", whom: "internal/deploy", why: "the generator's half ends with the folder; what happens to it is the deployer's"},
		{who: "internal/generate", whom: "internal/cfn", why: "the generator writes templates; it never calls CloudFormation"},
		{who: "internal/deploy", whom: "internal/generate", why: "the deployer's half begins with the folder: it runs what was reviewed"},
		{who: "internal/manifest", whom: "internal/generate", why: "the interface between the halves depends on neither"},
		{who: "internal/manifest", whom: "internal/deploy", why: "the interface between the halves depends on neither"},
		{who: "internal/manifest", whom: "internal/cfn", why: "the interface between the halves depends on neither, nor on how one of them works"},
		{who: "internal/lockfile", whom: "internal/generate", why: "one half writes the lock and the other reads it: it depends on neither"},
		{who: "internal/lockfile", whom: "internal/deploy", why: "one half writes the lock and the other reads it: it depends on neither"},
		{who: "internal/acceptfile", whom: "internal/generate", why: "the generator only has to know its name: it depends on neither half"},
		{who: "internal/acceptfile", whom: "internal/deploy", why: "the generator only has to know its name: it depends on neither half"},
		{who: "internal/cfn", whom: "internal/deploy", why: "CloudFormation stands below the deployer and knows nothing of it"},
		{who: "internal/cfn", whom: "internal/manifest", why: "CloudFormation knows nothing of our sites"},
		{who: "internal/cfn/template", whom: "internal/deploy", why: "what a template means does not depend on who asks"},
		{who: "internal/cfn/template", whom: "internal/generate", why: "templates are read in whatever way they were made"},
		{who: "internal/deploy", whom: "gopkg.in/yaml.v3", directly: true,
			why: "a template is read in internal/cfn/template alone: a second reader would know fewer of its forms"},
		{who: "cmd/deploy", whom: "gopkg.in/yaml.v3", directly: true,
			why: "a template is read in internal/cfn/template alone: a second reader would know fewer of its forms"},
		{who: "internal/cfn/changeset", whom: "internal/cfn", except: []string{"internal/cfn/address"}, why: "the model of a change is pure: its tests need no AWS, and the same plan always gives the same findings"},
		{who: "stacks/network", whom: "stacks/data", why: "all other stacks import from the network; an import by the network would be a cycle of exports"},
		{who: "stacks/network", whom: "stacks/app", why: "all other stacks import from the network; an import by the network would be a cycle of exports"},
		{who: "stacks/data", whom: "stacks/app", why: "data outlives the application"},
		{who: "internal", whom: "stacks", why: "internal packages do not depend on Moodle's stacks"},
		{who: "internal", whom: "cmd", why: "commands are the top: flags, wiring, exit codes"},
		{who: "", whom: "text/template", directly: true, why: "a template calls methods by names that the linker can't see, so it would keep every method of every type: " +
			"deploy had 41 MB instead of 18; internal/deploy/history/page/markup writes HTML without it"},
		{who: "", whom: "html/template", directly: true, why: "it is text/template with escapes: see there"},
		{who: "", whom: "github.com/awslabs/goformation/v7/cloudformation", directly: true,
			why: "goformation's root package costs 29 s of build and 13 MB of binary; its service packages a second and 4 MB"},
	}
	for _, p := range packages(t) {
		for _, r := range rules {
			if r.who != "" && !under(p.ImportPath, r.who) {
				continue
			}
			imports := p.Deps
			if r.directly {
				imports = slices.DeleteFunc(slices.Clone(p.Imports), func(i string) bool { return i != r.whom })
			}
			for _, i := range imports {
				if under(i, r.whom) && !slices.Contains(r.except, i) && !under(i, r.who) {
					t.Errorf("%s imports %s: %s", p.ImportPath, i, r.why)
				}
			}
		}
	}
}

func TestRulesNamePackagesThatExist(t *testing.T) {
	all := packages(t)
	for _, room := range []string{"cmd/deploy", "cmd/gen", "internal/deploy", "internal/manifest", "internal/lockfile", "internal/cfn/changeset", "internal/cfn/template", "internal/cfn", "internal/generate/template", "internal/generate/environment", "stacks/network", "stacks/data", "stacks/app"} {
		if !slices.ContainsFunc(all, func(p pkg) bool { return p.ImportPath == room }) {
			t.Errorf("%s is gone: the rules about it hold for nothing", room)
		}
	}
}
