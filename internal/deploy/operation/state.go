package operation

import (
	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/outcome"
)

// State is what a stack's status lets a deployment do.
type State int

const (
	NotCreated        State = iota // there is no stack
	AwaitingFirstPlan              // a change set made it and nobody executed it: still to be created
	Updatable                      // it can be updated
)

// ReviewInProgress is the status of a stack that was planned and never created.
const ReviewInProgress = "REVIEW_IN_PROGRESS"

// StateOf reads a stack's status. An error says what the status means and what to do about it, with the environment in the command.
func StateOf(s cfn.Stack, environment string) (State, error) {
	switch s.Status {
	case "":
		return NotCreated, nil
	case ReviewInProgress:
		return AwaitingFirstPlan, nil
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE":
		return Updatable, nil
	}
	if s.Running() {
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
	case "ROLLBACK_COMPLETE":
		return "its creation failed and was taken back", "nothing of it runs; clear it away with " + way + ", then deploy up again"
	case "ROLLBACK_FAILED", "CREATE_FAILED":
		return "its creation failed and parts of it are left", "see what holds it up and clear it away with " + way + ", then deploy up again"
	case "UPDATE_ROLLBACK_FAILED":
		return "an update failed, and so did going back", "see what holds the rollback up, and go on with it: " + way
	case "UPDATE_FAILED":
		return "an update failed and was not taken back", "go back with " + way
	case "DELETE_FAILED":
		return "its deletion did not come to its end", "see what blocks it with " + way + ", or run deploy destroy again"
	}
	return "this program does not know that status", "look at it in the CloudFormation console"
}
