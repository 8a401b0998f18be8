package manifest

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A folder that an older generator or another team wrote has no table: it is served, with words that fit every application.
func TestAFolderWithoutATableGetsDefaults(t *testing.T) {
	want := Application{
		Name:    "the application",
		Outputs: Outputs{DatabaseSecret: "DatabaseSecretArn", VersionSuffix: "Version", CodeSuffix: "Code"},
		Advice: Advice{
			Upgrade: "raise the version, generate the folder again and review",
		},
		RoleEndings: []string{"_a", "_b"},
	}
	var none *Application
	for name, a := range map[string]*Application{"no table": none, "an empty one": {}, "one of three roles": {RoleEndings: []string{"1", "2", "3"}}} {
		if diff := cmp.Diff(want, a.OrDefaults()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got := a.Regenerate(); got != "generate the folder again" {
			t.Errorf("%s: %q", name, got)
		}
	}
	encoded, err := (&Manifest{}).Encode()
	if err != nil || bytes.Contains(encoded, []byte("application")) {
		t.Errorf("a manifest without a table has one when it is written: %s (%v)", encoded, err)
	}
}

func TestWhatAFolderSaysHolds(t *testing.T) {
	said := Application{
		Name:        "Shop",
		Outputs:     Outputs{Address: "Url", DatabaseSecret: "Secret", VersionSuffix: "Release", CodeSuffix: "Digest", LogGroup: "Log", LogDays: "Days"},
		Advice:      Advice{Generate: "make it", Upgrade: "raise it", Restore: "see the book"},
		Keys:        map[string]string{"AWS::RDS::DBCluster.EngineVersion": "engine"},
		RoleEndings: []string{"-blue", "-green"},
	}
	if diff := cmp.Diff(said, said.OrDefaults()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := said.Regenerate(); got != "generate the folder again (make it)" {
		t.Error(got)
	}
}
