package deploy_test

import (
	"testing"

	"distributed-moodle/internal/deploy/outcome"
)

// meanwhile runs one command in each moment of another and hands both ends to a test.
func meanwhile(t *testing.T, first, second func(m *memory) error, ends func(m *memory, firstErr, secondErr error)) {
	t.Helper()
	var calls []call
	inMemory(t, "v1", func(m *memory) {
		before := len(m.account.Calls())
		if err := first(m); err != nil {
			m.t.Fatal(err)
		}
		calls = callsIn(m.account.Calls()[before:])
	})
	for _, c := range tried(calls) {
		t.Run(c.String(), func(t *testing.T) {
			inMemory(t, "v1", func(m *memory) {
				var secondErr error
				m.account.Before(c.action, c.before, func() { secondErr = second(m) })
				firstErr := first(m)
				m.settle()
				ends(m, firstErr, secondErr)
			})
		})
	}
}

// One deploys while the other destroys, in whatever moment: neither says what is not so.
func TestOneDeploysWhileTheOtherDestroys(t *testing.T) {
	up := func(m *memory) error { return m.run("v2").up() }
	destroy := func(m *memory) error { return m.run("v1").destroy() }
	t.Run("deployed in the middle of a deletion", func(t *testing.T) {
		meanwhile(t, destroy, up, func(m *memory, destroyed, deployed error) {
			switch stands := m.version(); {
			case destroyed == nil && m.account.Stack("memory").Status != "DELETE_COMPLETE":
				m.t.Error("it is said to be destroyed, and stands")
			case destroyed != nil && (deployed != nil || stands != "v2"):
				m.t.Errorf("nobody wins: %v; %v", destroyed, deployed)
			case destroyed != nil:
				wantCode(m.t, destroyed, outcome.Refused, "memory has changed in the meantime", "nothing was deleted")
			case deployed == nil && m.updatedAfterLook():
				m.t.Error("what was deployed in the meantime went, and nobody was shown it")
			}
		})
	})
	t.Run("destroyed in the middle of a deployment", func(t *testing.T) {
		meanwhile(t, up, destroy, func(m *memory, deployed, destroyed error) {
			stands := m.version()
			if deployed == nil && destroyed != nil && stands != "v2" || deployed != nil && destroyed != nil {
				m.t.Errorf("%q stands: %v; %v", stands, deployed, destroyed)
			}
			if deployed != nil {
				wantWords(m.t, deployed.Error(), "memory")
			}
			if left := m.waiting(); left != nil {
				m.t.Errorf("plans are left: %v", left)
			}
		})
	})
}

// updatedAfterLook reports whether an update came to its end between the deletion's last look at the stack and the deletion itself.
func (m *memory) updatedAfterLook() bool {
	executed, looked, deleted := -1, -1, -1
	for i, c := range m.account.Calls("ExecuteChangeSet", "DescribeStacks", "DeleteStack") {
		switch c.Action {
		case "ExecuteChangeSet":
			executed = i
		case "DescribeStacks":
			if deleted < 0 {
				looked = i
			}
		case "DeleteStack":
			deleted = i
		}
	}
	return executed > looked && executed < deleted
}
