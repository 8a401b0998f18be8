package outcome_test

import (
	"testing"

	"distributed-moodle/internal/deploy/outcome"
)

// Scripts and CI jobs decide by exit codes: none ever gets another meaning.
func TestExitCodesAreFrozen(t *testing.T) {
	for name, code := range map[string][2]outcome.Code{
		"done":                 {outcome.Done, 0},
		"failed":               {outcome.Failed, 1},
		"changes are waiting":  {outcome.ChangesWaiting, 2},
		"refused":              {outcome.Refused, 3},
		"rolled back":          {outcome.RolledBack, 4},
		"must be recovered":    {outcome.NeedsRecovery, 5},
		"interrupted (SIGINT)": {outcome.Interrupted, 130},
	} {
		if code[0] != code[1] {
			t.Errorf("%s: the exit code is %d, and was %d", name, code[0], code[1])
		}
	}
}
