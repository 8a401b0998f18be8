package operation

import (
	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/outcome"
)

// State is what a stack's status lets a deployment do.
type State int

const (
	NotCreated        State = iota // there is no stack
	AwaitingFirstPlan              // a change set made it and nobody executed it: still to be created
	Updatable                      // it can be updated
)

// StateOf reads a stack's status. An error says what the status means and what to do about it, with the environment in
// the command.
func StateOf(s cfn.Stack, environment string) (State, error) {
	switch {
	case s.Status == "":
		return NotCreated, nil
	case s.Status == status.ReviewInProgress:
		return AwaitingFirstPlan, nil
	case s.Status.Updatable():
		return Updatable, nil
	}
	c := condition.Of(s.Status, environment)
	if s.Running() {
		return 0, outcome.Errorf(outcome.Failed, "an operation on stack %s is running (%s)", s.Name, s.Status).
			Advise("%s", c.Advice)
	}
	return 0, outcome.Errorf(outcome.NeedsRecovery, "stack %s is %s: %s", s.Name, s.Status, c.Meaning).
		Advise("%s", c.Advice)
}
