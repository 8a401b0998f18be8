package deploy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
)

// judge has the gates check a saved plan again, from what the account has. What the file lists as matches of gates, or as
// accepted, decides nothing: it is the planner's word, and only compared with what the gates say now.
func (a *Apply) judge(ctx context.Context, current currentState, draft *draft, tree *accountTree) error {
	looks, err := a.lookAgain(ctx, current, draft, tree)
	if err != nil {
		return err
	}
	c := &checker{Target: a.Target, Accepted: a.Accepted, Reviewed: a.Reviewed, Upgrade: a.Upgrade}
	facts := gate.Facts{
		Manifest: a.Site.Manifest, Changes: draft.Changes, Stacks: tree.stacks, Importers: looks.importers,
		Observed: slices.Concat(looks.findings, a.notLookedAt()),
	}
	draft.Notes = looks.notes
	if err := c.judge(current, draft, facts, time.Now()); err != nil {
		return err
	}
	a.compare(draft)
	return nil
}

// planTimeOnly are the gates whose looks only planning takes: they concern what a deployment makes, not what it changes.
var planTimeOnly = []gate.Code{
	gate.Certificate, gate.NotOffered, gate.RecordExists, gate.ExportTaken, gate.SchedulePast,
}

// notLookedAt are the planner's findings of [planTimeOnly]. They are kept, and have to be accepted, since nothing says
// that they are gone.
func (a *Apply) notLookedAt() []gate.Finding {
	var all []gate.Finding
	for _, f := range a.Plan.Findings {
		if slices.Contains(planTimeOnly, f.Code) {
			f.What = "the plan says, and it is not looked at again: " + f.What
			all = append(all, f)
		}
	}
	return all
}

// compare says how the findings differ from those that the file shows, and what its planner has accepted.
func (a *Apply) compare(draft *draft) {
	said := map[string]string{} // checksums by key
	for _, f := range a.Plan.Findings {
		said[f.Key()] = f.Checksum
	}
	current := map[string]bool{}
	for i, f := range draft.Findings {
		current[f.Key()] = true
		if checksum, shown := said[f.Key()]; !shown || checksum != f.Checksum {
			draft.Since = append(draft.Since, f.Key())
			draft.Findings[i].What = "found since the plan was made: " + f.What
		}
	}
	for _, f := range a.Plan.Findings {
		if !current[f.Key()] {
			draft.Notes = append(draft.Notes, "the plan shows "+f.Key()+", which is no longer so")
		}
	}
	for _, accepted := range a.Plan.Accepted {
		draft.Notes = append(draft.Notes, fmt.Sprintf(
			"whoever made the plan accepted %s/%s: %s; here it has to be accepted again", accepted.Code, accepted.Subject,
			accepted.Reason,
		))
	}
	for _, note := range a.Plan.Notes {
		if !slices.Contains(draft.Notes, note) {
			draft.Notes = append(draft.Notes, "the plan says: "+note)
		}
	}
}

// checkOrder refuses a plan that was made with --upgrade where that is not ordered here, too.
func (a *Apply) checkOrder() error {
	if a.Upgrade || a.Plan.Upgrade == nil || !a.Plan.Upgrade.Permitted {
		return nil
	}
	return outcome.Errorf(
		outcome.Refused, "the plan was made with --upgrade (%s), and whoever applies it has to order that, too",
		a.Plan.Upgrade.What,
	).Advise("nothing was deployed; pass --upgrade to deploy apply")
}
