package recovery_test

import (
	"fmt"
	"testing"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy/outcome"
)

// ways bring a site into a state, and say what a recovery of it ends with.
var ways = map[string]struct {
	bring func(t *testing.T, test func(*site))
	skip  []string
	end   string
}{
	"a creation that failed": {func(t *testing.T, test func(*site)) {
		in(t, func(s *site) {
			s.account.Fails("Version", cfntest.Creating, "no")
			if s.up() == nil {
				s.t.Fatal("it was to fail")
			}
			test(s)
		})
	}, nil, "DELETE_COMPLETE"},
	"a rollback that is stuck": {stuck, []string{"Data/Database"}, "UPDATE_ROLLBACK_COMPLETE"},
	"an update that was kept": {func(t *testing.T, test func(*site)) {
		in(t, func(s *site) {
			s.succeed(s.up())
			s.changed()
			s.keep()
			test(s)
		})
	}, nil, "UPDATE_ROLLBACK_COMPLETE"},
	"a plan that was given up": {func(t *testing.T, test func(*site)) {
		in(t, func(s *site) {
			s.plan("administrator")
			test(s)
		})
	}, nil, "DELETE_COMPLETE"},
}

// What passes is no failure of a recovery, at whatever call it comes; nor is one done twice.
func TestWhatPassesIsNoFailureOfARecovery(t *testing.T) {
	for name, way := range ways {
		counts := map[string]int{}
		way.bring(t, func(s *site) {
			before := len(s.account.Calls())
			s.succeed(s.recover(way.skip...))
			for _, c := range s.account.Calls()[before:] {
				counts[c.Action]++
			}
		})
		for action, n := range counts {
			for fault, effect := range map[string]cfntest.Fault{
				"throttled": {Effect: cfntest.Throttled, Times: 4}, "reset": {Effect: cfntest.ResetAfter, Times: 2}, "cut off": {Effect: cfntest.CutOff, Times: 1},
			} {
				for skip := range min(n, 2) {
					if testing.Short() && skip > 0 {
						continue // as everywhere that each call is tried: the run with the race detector tries some
					}
					t.Run(fmt.Sprintf("%s/%s %d %s", name, action, skip+1, fault), func(t *testing.T) {
						way.bring(t, func(s *site) {
							effect.Action, effect.Skip = action, skip
							s.account.Inject(effect)
							if err := s.recover(way.skip...); err != nil {
								s.t.Fatalf("%v (%s)\n%s", err, outcome.AdviceOf(err), &s.stderr)
							}
							s.wants(way.end)
						})
					})
				}
			}
		}
	}
}
