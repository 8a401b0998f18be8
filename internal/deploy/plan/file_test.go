package plan

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/manifest"
)

func saved() *Plan {
	return &Plan{
		Made: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), By: "arn:aws:iam::123456789012:user/jane", Account: "123456789012", Region: "eu-central-1",
		Manifest: &manifest.Manifest{Version: 1, Site: "moodle-prod"}, StackID: "arn:root", Updated: time.Date(2026, 1, 1, 0, 0, 0, 5000, time.UTC),
		Changes: &changeset.Stack{Name: "moodle-prod", Action: changeset.Change, Children: []*changeset.Stack{{Path: []string{"Data"}, Action: changeset.Change, Items: []changeset.Item{
			{Action: changeset.PerhapsReplace, LogicalID: "Database", Type: "AWS::RDS::DBCluster", Stateful: true, PolicyAction: changeset.PolicySnapshot},
		}}}},
		Findings: []gate.Finding{{Code: gate.DataLoss, Subject: "Data/Database", What: "<goes>"}},
		Accepted: []gate.Acceptance{{Code: gate.DataLoss, Subject: "Database", Reason: "moved"}},
	}
}

func TestAPlanComesBackAsItWasWritten(t *testing.T) {
	text, err := Encode(saved())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"as written": string(text), "laid out anew": strings.ReplaceAll(string(text), "\n", "\n\t")} {
		got, err := Decode([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(saved(), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAnEditedFileIsRefused(t *testing.T) {
	written, err := Encode(saved())
	if err != nil {
		t.Fatal(err)
	}
	text := string(written)
	for name, edited := range map[string]string{
		"another account":   strings.Replace(text, `"account": "123456789012"`, `"account": "999999999999"`, 1),
		"a finding less":    strings.Replace(text, "Data/Database", "Data/Other", 1),
		"cut off":           text[:len(text)/2],
		"another change":    strings.Replace(text, "ReplaceConditionally", "Modify", 1),
		"nothing at all":    "",
		"one more accepted": strings.Replace(text, `"reason": "moved"`, `"reason": "moved away"`, 1),
	} {
		if _, err := Decode([]byte(edited)); !errors.Is(err, ErrEdited) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Decode([]byte(strings.Replace(text, `"version": 3`, `"version": 2`, 1))); err == nil || !strings.Contains(err.Error(), "make the plan again") {
		t.Errorf("another version: %v", err)
	}
	if _, err := Decode([]byte(`{"format": "other"}`)); err == nil || !strings.Contains(err.Error(), "not a plan of deploy") {
		t.Errorf("another file: %v", err)
	}
}
