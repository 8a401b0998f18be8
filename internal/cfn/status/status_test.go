package status_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/status"
)

// phases are all that a stack's or a resource's status can be about.
var phases = map[status.Phase]bool{
	status.Create: true, status.Update: true, status.Delete: true, status.Import: true,
	status.Rollback: true, status.UpdateRollback: true, status.ImportRollback: true,
	"REVIEW": true, "EXPORT": true, "EXPORT_ROLLBACK": true,
}

func all() []status.Status {
	var all []status.Status
	for _, s := range types.StackStatus("").Values() {
		all = append(all, status.Status(s))
	}
	for _, s := range types.ResourceStatus("").Values() {
		all = append(all, status.Status(s))
	}
	return all
}

func TestEveryStatusOfTheAPIHasAPhase(t *testing.T) {
	for _, s := range all() {
		if !phases[s.Phase()] {
			t.Errorf("%s has the phase %q", s, s.Phase())
		}
	}
}

// TestEveryStatusOfTheAPIIsClassifiedOnce holds that a status is of something under way, that failed, that was completed, that was
// rolled back, or one of the two that are none of this.
func TestEveryStatusOfTheAPIIsClassifiedOnce(t *testing.T) {
	for _, s := range all() {
		is := 0
		for _, yes := range []bool{
			s.InProgress(), s.Failed(), s.Succeeded(), s.RolledBack(), s == status.ReviewInProgress, s == status.DeleteSkipped,
		} {
			if yes {
				is++
			}
		}
		if is != 1 {
			t.Errorf("%s is %d of: in progress, failed, succeeded, rolled back, in review, skipped", s, is)
		}
	}
}

func TestCleanupIsAlwaysInProgress(t *testing.T) {
	seen := 0
	for _, s := range all() {
		if s.CleaningUp() != strings.Contains(string(s), "CLEANUP") {
			t.Errorf("%s: cleaning up is %v", s, s.CleaningUp())
		}
		if s.CleaningUp() {
			seen++
		}
		if s.CleaningUp() && !s.InProgress() {
			t.Errorf("%s is not in progress", s)
		}
	}
	if seen != 2 {
		t.Errorf("the API has %d statuses of a cleanup", seen)
	}
}

func TestOnlyAStackAtRestCanBeUpdated(t *testing.T) {
	var updatable []string
	for _, s := range types.StackStatus("").Values() {
		if status.Status(s).Updatable() {
			updatable = append(updatable, string(s))
		}
	}
	const want = "CREATE_COMPLETE UPDATE_COMPLETE UPDATE_ROLLBACK_COMPLETE IMPORT_COMPLETE IMPORT_ROLLBACK_COMPLETE"
	if got := strings.Join(updatable, " "); got != want {
		t.Errorf("%s can be updated, want %s", got, want)
	}
}
