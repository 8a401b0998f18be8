package deploy

import (
	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/outcome"
)

// stackState is what a stack's status lets a deployment do.
type stackState int

const (
	notCreated        stackState = iota // there is no stack
	awaitingFirstPlan                   // a change set made it and nobody executed it: still to be created
	updatable                           // it can be updated
)

// classify reads a stack's status. An error says what the status means and what to do about it, with the environment in the command.
func classify(s cfn.Stack, environment string) (stackState, error) {
	switch {
	case s.Status == "":
		return notCreated, nil
	case s.Status == status.ReviewInProgress:
		return awaitingFirstPlan, nil
	case s.Status.Updatable():
		return updatable, nil
	}
	c := condition.Of(s.Status, environment)
	if s.Running() {
		return 0, outcome.Errorf(outcome.Failed, "an operation on stack %s is running (%s)", s.Name, s.Status).Advise("%s", c.Advice)
	}
	return 0, outcome.Errorf(outcome.NeedsRecovery, "stack %s is %s: %s", s.Name, s.Status, c.Meaning).Advise("%s", c.Advice)
}
