// Package conformance tests that every double of CloudFormation behaves alike: the same journeys through the SDK, run
// against the account in memory (internal/cfn/cfntest) and against the local AWS (localaws/), so that neither differs
// from the other or from what is known of AWS (cfntest/BEHAVIOUR.md).
//
// If a target is known to differ, [Target].Differs names the check with its reason; the check is then expected to
// differ, and fails when it no longer does.
package conformance

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"distributed-moodle/internal/cfn/cfntest"
)

// Target is a CloudFormation under test.
type Target struct {
	// Run runs a journey: inside of a bubble, or as it is.
	Run func(t *testing.T, journey func(t *testing.T))
	// New makes an empty account for a journey.
	New func(t *testing.T) Account
	// Differs are the checks, by journey and check, in which the target is known to be unlike AWS, and how.
	Differs map[string]string
}

// Account is an empty account and what can be done to it from outside of AWS's API.
type Account struct {
	Config aws.Config
	// Fails makes a resource fail in a phase from now on, until StopFailing.
	Fails func(t *testing.T, logicalID string, phase cfntest.Phase)
	// StopFailing ends all failures.
	StopFailing func(t *testing.T)
	// Hangs keeps a resource in progress until it is cancelled or released.
	Hangs func(t *testing.T, logicalID string)
	// Release lets what hangs end.
	Release func(t *testing.T)
	// SilentNodes lets nobody signal but the journey.
	SilentNodes func(t *testing.T)
	// Passes lets time pass, without waiting for it.
	Passes func(t *testing.T, d time.Duration)
}

// Conformance runs every journey against a target.
func Conformance(t *testing.T, target Target) {
	differed, ran := map[string]bool{}, 0
	for _, j := range journeys {
		t.Run(j.name, func(t *testing.T) {
			target.Run(t, func(t *testing.T) {
				made := newJourney(t, j.name, target, differed)
				ran++
				j.do(made)
			})
		})
	}
	for check, how := range target.Differs {
		if ran == len(journeys) && !t.Failed() && !differed[check] {
			t.Errorf("%q is listed as different (%s), but nothing checks it", check, how)
		}
	}
}

var journeys = []struct {
	name string
	do   func(*journey)
}{
	{"plan a creation", planCreation},
	{"create", create},
	{"nothing to change", nothingToChange},
	{"change one nested stack", changeNested},
	{"replace what others refer to", replaceReferred},
	{"replace and retain", replaceAndRetain},
	{"values hide a change", valuesHideAChange},
	{"remove and add", removeAndAdd},
	{"remove a nested stack", removeNested},
	{"change tags", changeTags},
	{"change an output", changeOutput},
	{"delete", deleteSite},
	{"creation fails", creationFails},
	{"creation leaves something behind", creationLeaves},
	{"update fails", updateFails},
	{"rollback fails", rollbackFails},
	{"cancel an update", cancelUpdate},
	{"deletion fails", deletionFails},
	{"keep a failure", keepFailure},
	{"exports in use", exportsInUse},
	{"missing export", missingExport},
	{"nested plan fails", nestedPlanFails},
	{"discard a plan", discardPlan},
	{"obsolete plan", obsoletePlan},
	{"execute twice", executeTwice},
	{"protection", protection},
	{"what is not there", notThere},
	{"drift", drift},
	{"drift of a tree", driftOfTree},
	{"capabilities", capabilities},
	{"a type changes", typeChanged},
	{"a condition turns false", conditionTurnsFalse},
	{"retain except on create", retainExceptOnCreate},
	{"a name is taken", nameTaken},
	{"signals", signals},
	{"signals do not come", signalsMissing},
	{"a signal of failure", signalOfFailure},
}
