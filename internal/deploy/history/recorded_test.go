package history_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/status"
)

// A queue that was created and then replaced on real AWS: the new one is made as an update, the old one goes in the cleanup.
func TestARecordedReplacementHasItsPhases(t *testing.T) {
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Skip("SHARED is not set: no events recorded from AWS (aws-recorded/replacement.json)")
	}
	content, err := os.ReadFile(filepath.Join(shared, "aws-recorded", "replacement.json"))
	if err != nil {
		t.Fatal(err)
	}
	var tests map[string]struct {
		Answers struct {
			Events []struct{ LogicalResourceID, ResourceType, ResourceStatus string } `json:"queue-events"`
		}
	}
	if err := json.Unmarshal(content, &tests); err != nil {
		t.Fatal(err)
	}
	s := &script{}
	s.say(0, nil, "", "", "UPDATE_IN_PROGRESS", "User Initiated")
	for i, e := range tests["test_requires_replacement"].Answers.Events { // all at one time: only their order is of use
		s.say(float64(i), nil, e.LogicalResourceID, e.ResourceType, status.Status(e.ResourceStatus), "")
	}
	s.say(60, nil, "", "", "UPDATE_COMPLETE", "")
	var got []string
	for _, p := range bar(t, s.timeline(t), "MyQueue").Phases {
		got = append(got, string(p.Verb)+" "+string(p.Outcome))
	}
	if diff := cmp.Diff([]string{"CREATE done", "UPDATE done", "DELETE done"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
