package deploy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/localawstest"
)

// A comparison of templates misses nothing that a plan of CloudFormation tells. Where all is literal it says the very same; where an
// intrinsic works a value out, which CloudFormation may know already, it may hold more for possible.
func TestAComparisonMissesNothingThatAPlanSays(t *testing.T) {
	same, more := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		old, next := localawstest.Small("pairs"), localawstest.Small("pairs")
		drawnSite(rt, old)
		drawnSite(rt, next)
		var planned, compared map[string]changeset.Item
		synctest.Test(t, func(t *testing.T) { planned, compared = bothPlans(t, old, next) })
		for path, want := range planned {
			if got, there := compared[path]; !there || got.Danger() < want.Danger() {
				rt.Errorf("%s: planned %s, compared %s", path, sketch(want), sketch(got))
			}
		}
		for path, got := range compared {
			switch want := planned[path]; {
			case sketch(want) == sketch(got):
				same++
			case slices.ContainsFunc(got.Properties, func(p changeset.Property) bool { return p.Dynamic }):
				more++
			default:
				rt.Errorf("%s: compared %s, planned %s", path, sketch(got), sketch(want))
			}
		}
	})
	t.Logf("the same of %d resources, more of %d", same, more)
	if same < 5*more {
		t.Error("most of what is compared should be just what is planned")
	}
}

// bothPlans plans the way from one site to another twice: by CloudFormation, and by comparison.
func bothPlans(t *testing.T, old, next *localawstest.Folder) (planned, compared map[string]changeset.Item) {
	a, dir := cfntest.New(t), t.TempDir()
	(&run{t: t, out: old.Write(t, dir), options: a.LoadOptions()}).mustUp()
	next.Write(t, dir)
	r := &run{t: t, out: dir, options: a.LoadOptions(), fallback: deploy.FallbackAlways}
	plan, _, _ := r.plan(false)
	a.ChangeSetFails("App", limits["a placeholder"])
	comparison, _, _ := r.plan(false)
	if plan.Changes.Changed() && comparison.Fallback == nil {
		t.Error("nothing was compared")
	}
	return itemsOf(plan), itemsOf(comparison)
}

// itemsOf are the changes of a plan by path. What is in a stack that goes is left out: CloudFormation does not list it.
func itemsOf(plan *plan.Plan) map[string]changeset.Item {
	all := map[string]changeset.Item{}
	plan.Changes.Walk(func(s *changeset.Stack) {
		if s.Action == changeset.Remove {
			return
		}
		for _, i := range s.Items {
			all[strings.Join(append(slices.Clone(s.Path), i.LogicalID), "/")] = i
		}
	})
	return all
}

// sketch is a change in few words. Whether a replacement is certain is not among them, nor what becomes of the old one: where the two
// templates have another UpdateReplacePolicy the comparison holds the worse for true.
func sketch(i changeset.Item) string {
	if i.Action == changeset.Replace {
		i.Action = changeset.PerhapsReplace
	}
	return fmt.Sprintf("%s, holds data %v", i.Action, i.Stateful)
}
