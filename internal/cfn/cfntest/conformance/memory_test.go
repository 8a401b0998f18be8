package conformance_test

import (
	"testing"
	"testing/synctest"
	"time"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/cfn/cfntest/conformance"
)

func TestInMemory(t *testing.T) {
	conformance.Conformance(t, conformance.Target{
		Run: synctest.Test,
		New: func(t *testing.T) conformance.Account {
			account := cfntest.New(t, cfntest.PageSize(7))
			failing := map[string]bool{}
			hanging := map[string]bool{}
			return conformance.Account{
				Config: account.Config(),
				Fails: func(_ *testing.T, logicalID string, phase cfntest.Phase) {
					failing[logicalID] = true
					account.Fails(logicalID, phase, "Injected")
				},
				StopFailing: func(*testing.T) {
					for logicalID := range failing {
						account.StopsFailing(logicalID)
					}
				},
				Hangs: func(_ *testing.T, logicalID string) {
					hanging[logicalID] = true
					account.Hangs(logicalID)
				},
				Release: func(*testing.T) {
					for logicalID := range hanging {
						account.Release(logicalID)
					}
				},
				SilentNodes: func(*testing.T) { account.NodesAreSilent() },
				Passes:      func(_ *testing.T, d time.Duration) { time.Sleep(d) }, // in the bubble
			}
		},
	})
}
