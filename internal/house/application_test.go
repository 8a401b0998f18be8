package house

import (
	"regexp"
	"strings"
	"testing"
)

// ofTheApplication is what only this project's application and generator have: names, commands, documents. The deployer reads them from
// the manifest's table, see manifest.Application.
var ofTheApplication = regexp.MustCompile(
	`(?i)moodle|make templates|docs/[a-z-]+\.md|runbook|verified\.md|stacks/|environments/|outside\.json|DatabaseSecret|-artifacts-`)

// ofTheDeployer are the exceptions, with their reasons.
var ofTheDeployer = map[string]string{
	"docs/json.md":             "the contract of what the deployer itself prints",
	"--yes-i-mean moodle-prod": "an example of a command names a site that this project has, as its documents do",
}

func TestTheDeployerKnowsNoApplication(t *testing.T) {
	excused, literals := map[string]bool{}, 0
	eachString(t, func(p pkg, place, text string) {
		if !under(p.ImportPath, "cmd/deploy") && !under(p.ImportPath, "internal/deploy") && !under(p.ImportPath, "internal/cfn") {
			return
		}
		literals++
		for exception := range ofTheDeployer {
			excused[exception] = excused[exception] || strings.Contains(text, exception)
			text = strings.ReplaceAll(text, exception, "")
		}
		if found := ofTheApplication.FindString(text); found != "" {
			t.Errorf("%s: %q belongs to the application: put it into stacks/application.go, and read it from the manifest", place, found)
		}
	})
	if literals < 1000 {
		t.Errorf("the deployer has %d strings; the rule would hold for nothing", literals)
	}
	for exception, used := range excused {
		if !used {
			t.Errorf("nothing says %q any more: drop the exception", exception)
		}
	}
}
