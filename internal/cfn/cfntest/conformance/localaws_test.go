package conformance_test

import (
	"testing"
	"time"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/cfn/cfntest/conformance"
	"distributed-moodle/internal/localawstest"
)

// many is as often as a setting of the local AWS counts down before it has no effect any more.
const many = 1000

// tables are the local AWS's settings for the failures of a phase (localaws/controls/settings.py).
var tables = map[cfntest.Phase]string{
	cfntest.Creating: "fail", cfntest.Updating: "fail", cfntest.Deleting: "fail_delete", cfntest.RollingBack: "fail_rollback",
}

func TestLocalAWS(t *testing.T) {
	conformance.Conformance(t, conformance.Target{
		Run:     func(t *testing.T, journey func(t *testing.T)) { journey(t) },
		New:     localAccount,
		Differs: localDiffers,
	})
}

func localAccount(t *testing.T) conformance.Account {
	local := localawstest.New(t)
	none := map[string]int{}
	t.Cleanup(func() {
		local.Set(t, map[string]any{"fail": none, "fail_delete": none, "fail_rollback": none, "hold": none})
	})
	return conformance.Account{
		Config: local.Config(),
		Fails: func(t *testing.T, logicalID string, phase cfntest.Phase) {
			local.Set(t, map[string]any{tables[phase]: map[string]int{logicalID: many}})
		},
		StopFailing: func(t *testing.T) {
			local.Set(t, map[string]any{"fail": none, "fail_delete": none, "fail_rollback": none})
		},
		Hangs: func(t *testing.T, logicalID string) {
			local.Set(t, map[string]any{"hold": map[string]int{logicalID: 1}})
		},
		Release: func(t *testing.T) { local.Set(t, map[string]any{"hold": none}) },
		SilentNodes: func(t *testing.T) {
			local.Set(t, map[string]any{"simulated_nodes": 0})
			t.Cleanup(func() { local.Set(t, map[string]any{"simulated_nodes": 1}) })
		},
		Passes: func(t *testing.T, d time.Duration) { local.Passes(t, d) },
	}
}

// localDiffers is where the local AWS is known to be unlike AWS; the sources are in cfntest/BEHAVIOUR.md.
var localDiffers = map[string]string{
	"change one nested stack/root's events":          "a nested stack that changes has two UPDATE_IN_PROGRESS events in its parent",
	"update fails/failed nested stack in its parent": "the same",
	"update fails/good nested stack in its parent":   "the same",
	"update fails/failed nested stack":               "a resource that failed to update is sent back without UPDATE_IN_PROGRESS",
	"cancel an update/nested resource":               "the same",
	"exports in use/deletion is accepted":            "DeleteStack itself refuses while an export is in use",
	"exports in use/with the reason":                 "the same",
	"missing export/reason":                          "a missing export fails the resource instead of the stack",
	"nested plan fails/nested reason":                "own wording of a placeholder that a parameter does not take",
	"protection/deletion":                            "names the stack by its id, whatever the call named it by",
	"what is not there/resources":                    "ListStackResources says Stack [X] instead of Stack with id X",
	"what is not there/template":                     "GetTemplate says Stack [X] instead of Stack with id X",
}
