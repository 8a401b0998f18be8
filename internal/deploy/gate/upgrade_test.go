package gate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func moodle(version string) string {
	return "Resources: {}\nOutputs: {MoodleVersion: {Value: " + version + "}}\n"
}

func TestAnUpgradeIsOrderedAndADowngradeIsNot(t *testing.T) {
	for _, test := range []struct {
		name, before, after string
		upgrading           bool
		want                string // the one finding, or none
		line                string
	}{
		{"a newer Moodle", `"5.2"`, `"5.10"`, false, "upgrade/Data/MoodleVersion", "--upgrade"},
		{"a newer Moodle, ordered", `"5.2"`, `"5.10"`, true, "", ""},
		{"an older one", `"5.10"`, `"5.2"`, false, "downgrade/Data/MoodleVersion", `--accept downgrade/Data/MoodleVersion="…"`},
		{"an older one, ordered", `"5.10"`, `"5.2"`, true, "downgrade/Data/MoodleVersion", `--accept downgrade/Data/MoodleVersion="…"`},
		{"the same", `"5.2"`, `"5.2"`, false, "", ""},
		{"one that CloudFormation works out", `"5.2"`, "!Ref X", false, "", ""},
	} {
		facts := change(t, moodle(test.before), moodle(test.after))
		facts.Upgrading = test.upgrading
		key, line := "", ""
		for _, f := range Check(facts) {
			key, line = key+f.Key(), line+f.Line()
		}
		if key != test.want || line != test.line {
			t.Errorf("%s: found %q, passed with %q, want %q, %q", test.name, key, line, test.want, test.line)
		}
	}
}

// A site that is new has nothing to upgrade from.
func TestANewSiteIsNoUpgrade(t *testing.T) {
	if found := Check(change(t, "", moodle(`"5.2"`))); found != nil {
		t.Errorf("found %+v", found)
	}
}

func TestFindingsOfOneThingKeepAllTheirSteps(t *testing.T) {
	found := Check(Facts{Observed: []Finding{
		{Code: Certificate, Subject: "App/C", What: "a", Steps: []string{"one"}, LastResort: "or accept it by name"},
		{Code: Certificate, Subject: "App/C", What: "b", Steps: []string{"two", "one"}, LastResort: "or accept it by name"},
		{Code: Certificate, Subject: "App/C", What: "c", Fails: true, Steps: []string{"three"}},
	}})
	want := []Finding{{Code: Certificate, Subject: "App/C", What: "a; b; c", Checksum: "176b96625931", Fails: true, Steps: []string{"one", "two", "three"}, LastResort: "or accept it by name"}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
