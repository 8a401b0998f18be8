package gate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Gates' codes stand in people's scripts (--accept CODE/SUBJECT=…), in plan files and in the records of the bucket: a code may come, none may go.
func TestCodesAreFrozen(t *testing.T) {
	want := []string{
		"access-widened",
		"capacity-cut",
		"certificate",
		"data-loss",
		"downgrade",
		"drift",
		"expired",
		"export-in-use",
		"export-taken",
		"iam-widened",
		"not-offered",
		"not-staged",
		"one-way",
		"pending-change-set",
		"protection-removed",
		"quota",
		"record-exists",
		"schedule-past",
		"upgrade",
	}
	if diff := cmp.Diff(want, Codes()); diff != "" {
		t.Errorf("the gates have other codes (-want +got):\n%s", diff)
	}
}
