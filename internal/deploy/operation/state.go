package operation

import (
	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/outcome"
)

// State is what a stack's status lets a deployment do.
type State int

const (
	NotCreated        State = iota // there is no stack
	AwaitingFirstPlan              // a change set made it and nobody executed it: still to be created
	Updatable                      // it can be updated
)

// StateOf reads a stack's status. An error says what the status means and what to do about it, with the environment in the command.
func StateOf(s cfn.Stack, environment string) (State, error) {
	switch {
	case s.Status == "":
		return NotCreated, nil
	case s.Status == status.ReviewInProgress:
		return AwaitingFirstPlan, nil
	case s.Status.Updatable():
		return Updatable, nil
	case s.Running():
		return 0, outcome.Errorf(outcome.Failed, "an operation on stack %s is running (%s)", s.Name, s.Status).
			Advise("wait until it has ended (deploy watch %s follows it), then try again", environment)
	}
	meaning, advice := explainStuck(s, environment)
	return 0, outcome.Errorf(outcome.NeedsRecovery, "stack %s is %s: %s", s.Name, s.Status, meaning).Advise("%s", advice)
}

// explainStuck words the statuses that no update can start from, and the one way out of each. The environment completes the command.
func explainStuck(s cfn.Stack, environment string) (meaning, advice string) {
	way := "deploy recover " + environment
	switch s.Status {
	case status.RollbackComplete:
		return "its creation failed and was taken back", "nothing of it runs; clear it away with " + way + ", then deploy up again"
	case status.RollbackFailed, status.CreateFailed:
		return "its creation failed and parts of it are left", "see what holds it up and clear it away with " + way + ", then deploy up again"
	case status.UpdateRollbackFailed:
		return "an update failed, and so did going back", "see what holds the rollback up, and go on with it: " + way
	case status.UpdateFailed:
		return "an update failed and was not taken back", "go back with " + way
	case status.DeleteFailed:
		return "its deletion did not come to its end", "see what blocks it with " + way + ", or run deploy destroy again"
	}
	return "this program does not know that status", "look at it in the CloudFormation console"
}
