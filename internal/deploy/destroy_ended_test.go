package deploy

import (
	"testing"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// A deletion that CloudFormation takes back ends in the status that was there before, which is a success for anything else.
func TestADeletionThatIsTakenBackIsNoSuccess(t *testing.T) {
	d := &Destroy{Site: &manifest.Manifest{Site: "used", Environment: "dev"}}
	if err := d.ended(t.Context(), nil, events.End{Status: "DELETE_COMPLETE"}); err != nil {
		t.Error(err)
	}
	err := d.ended(t.Context(), nil, events.End{Status: "UPDATE_COMPLETE", Reason: "Delete canceled. Cannot delete export x as it is in use by guest."})
	if outcome.CodeOf(err) != outcome.Failed || err.Error() != "used was not deleted, and is unchanged: Delete canceled. Cannot delete export x as it is in use by guest." {
		t.Errorf("ends with %v", err)
	}
}
