package condition_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/condition"
)

// TestEveryStatusHasItsWords holds that whoever meets a status from which no deployment can start reads what it means and which
// command is the way out, whether an error of deploy up says it or deploy recover.
func TestEveryStatusHasItsWords(t *testing.T) {
	for _, s := range types.StackStatus("").Values() {
		c := condition.Of(status.Status(s), "dev")
		if c.Meaning == "" {
			t.Errorf("%s means nothing", s)
		}
		acts := c.Action != condition.None && c.Action != condition.Watch && c.Action != condition.Refuse
		if acts != (len(c.Steps) > 0) {
			t.Errorf("%s: %s in the steps %q", s, c.Action, c.Steps)
		}
		startable := c.Action == condition.None || status.Status(s) == status.ReviewInProgress
		if startable != (c.Advice == "") {
			t.Errorf("%s: %s advises %q", s, c.Action, c.Advice)
		}
		if acts && !startable && !strings.Contains(c.Advice, "deploy recover dev") {
			t.Errorf("%s advises %q, which is not deploy recover", s, c.Advice)
		}
		if strings.Contains(c.Advice+c.Next, "ENVIRONMENT") {
			t.Errorf("%s: a command lacks the environment's name: %q, %q", s, c.Advice, c.Next)
		}
	}
}

func TestNobodyChangesTheTable(t *testing.T) {
	condition.Of(status.CreateFailed, "dev").Steps[0] = "something else"
	if step := condition.Of(status.CreateFailed, "dev").Steps[0]; step == "something else" {
		t.Error("the steps of one caller are another's")
	}
}
