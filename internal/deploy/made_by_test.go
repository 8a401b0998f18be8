package deploy_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/localawstest"
)

const fromProgram = "these changes may come from the program"

// Another version of gen changes templates though nobody has changed the environment file: the plan says so.
func TestAPlanSaysThatAnotherVersionMadeWhatIsDeployed(t *testing.T) {
	for _, test := range []struct{ deployed, now, says string }{
		{"v1.2.3", "v1.3.0", "(v1.2.3 → v1.3.0), not from your file"},
		{"v1.3.0", "v1.2.3", "(v1.3.0 → v1.2.3), not from your file"},
		{"", "dev", "(a version that did not say so → dev), not from your file"},
		{"v1.2.3", "v1.2.3", ""},
		{"", "", ""},
	} {
		t.Run(test.deployed+" to "+test.now, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := cfntest.New(t)
				site, dir := localawstest.Small("made"), t.TempDir()
				site.Program = test.deployed
				first := &run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}
				if strings.Contains(first.mustUp(), fromProgram) {
					t.Errorf("a creation is compared with nothing:\n%s", &first.stderr)
				}
				site.Program = test.now
				site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
				second := &run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}
				said := second.mustUp()
				if test.says == "" && strings.Contains(said, fromProgram) || !strings.Contains(said, test.says) {
					t.Errorf("want %q:\n%s", test.says, said)
				}
			})
		})
	}
}

// A version that changes nothing but its own name has nothing to deploy.
func TestAnotherVersionThatMakesTheSameHasNoChanges(t *testing.T) {
	localawstest.New(t).Use(t)
	site, dir := localawstest.Small("versions"), t.TempDir()
	site.Program = "v1.2.3"
	up(t, site.Write(t, dir))
	site.Program = "v1.3.0"
	wantWords(t, up(t, site.Write(t, dir)).stderr.String(), "nothing to change in versions")
}
