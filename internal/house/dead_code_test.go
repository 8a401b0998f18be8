package house

import (
	"encoding/json"
	"flag"
	"os/exec"
	"strings"
	"testing"
)

var deadCode = flag.Bool("dead-code", false, "look for functions that nothing reaches")

// forTests are packages of the programs in which some functions are reached by tests only, on purpose.
var forTests = map[string]string{
	"internal/cfn/schema": "Check holds every template of the stacks against CloudFormation's schemas, which a test does before anybody deploys",
}

// Code that nothing reaches is read, kept and believed in for nothing. The tool follows every call from the main functions, or from tests.
// What holds code for tests alone (cfntest, localawstest) is not in the programs, and is followed from tests.
func TestNoCodeIsDead(t *testing.T) {
	if !*deadCode {
		t.Skip("make check asks for it with -dead-code: it takes half a minute, and a tool of tools/go.mod")
	}
	excused := map[string]bool{}
	for _, f := range dead(t, "./cmd/...") {
		if excused[f.pkg] = forTests[f.pkg] != ""; !excused[f.pkg] {
			t.Errorf("%s: no command reaches %s: drop it, or move it into the tests that use it", f.place, f.name)
		}
	}
	for pkg := range forTests {
		if !excused[pkg] {
			t.Errorf("%s has a reason for functions that only tests reach, and has none (any more)", pkg)
		}
	}
	for _, f := range dead(t, "-test", "./...") {
		t.Errorf("%s: nothing reaches %s, not even a test: drop it", f.place, f.name)
	}
}

type function struct{ pkg, name, place string }

func dead(t *testing.T, args ...string) (all []function) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"tool", "-modfile=tools/go.mod", "deadcode", "-json"}, args...)...)
	cmd.Dir = root(t)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("deadcode: %v\n%s", err, &said)
	}
	var packages []struct {
		Path  string
		Funcs []struct {
			Name     string
			Position struct{ File string }
		}
	}
	if err := json.Unmarshal(out, &packages); err != nil {
		t.Fatalf("deadcode: %v: %s", err, out)
	}
	for _, p := range packages {
		for _, f := range p.Funcs {
			all = append(all, function{strings.TrimPrefix(p.Path, module), f.Name, f.Position.File})
		}
	}
	return all
}
