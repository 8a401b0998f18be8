package deploy

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/acceptfile"
	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
)

// checker checks a plan before it is shown: it looks at what only the account knows, and runs the gates.
type checker struct {
	*Target
	reader   reader
	stager   stager
	Accepted []gate.Acceptance
	Reviewed *acceptfile.File
	Upgrade  bool
	Observe  Observe
}

// runGates has the gates look at a plan. Its error is about a look-up that failed.
func (c *checker) runGates(
	ctx context.Context, current currentState, draft *draft, known *currentReport, pending []cfn.ChangeSetSummary,
) error {
	c.View.Step("checking the plan")
	facts, err := c.facts(ctx, draft, known)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "check the plan: %w", err).Advise("nothing was deployed; try again")
	}
	facts.Observed = slices.Concat(facts.Observed, foreignPlans(c.Site.Site, pending))
	return c.judge(current, draft, facts, draft.Made)
}

// judge has the gates check a plan, of which all facts are known.
func (c *checker) judge(current currentState, draft *draft, facts gate.Facts, now time.Time) error {
	if err := c.readUpgrade(current, draft, &facts); err != nil {
		return err
	}
	expired, notes := expiry(c.Site.Manifest, draft.Changes, now)
	facts.Observed = slices.Concat(facts.Observed, expired)
	draft.Notes = append(draft.Notes, notes...)
	draft.Notes = append(draft.Notes, gate.NamesRemoved(facts)...)
	draft.Notes = append(madeByAnother(c.Site.Manifest, facts.Stacks), draft.Notes...)
	draft.Findings, draft.Opens = gate.Check(facts), gate.NewlyPublic(facts)
	draft.Notes = append(draft.Notes, gate.OneWayNotes(facts)...)
	if !draft.Create && plan.StartsNodes(draft.Changes) {
		draft.Notes = append(draft.Notes, gate.RollingUpdate(facts)...)
		draft.Notes = append(draft.Notes, gate.QuietHours(facts)...)
	}
	draft.Accepted = c.Accepted
	draft.Reviewed, notes = reviewedIn(c.Reviewed, draft.Findings)
	draft.Notes = append(draft.Notes, notes...)
	return nil
}

// facts completes a survey with what is asked about a plan alone.
func (c *checker) facts(ctx context.Context, draft *draft, known *currentReport) (gate.Facts, error) {
	facts := gate.Facts{Manifest: c.Site.Manifest, Changes: draft.Changes, Stacks: known.stacks}
	report := known.report
	deep, err := c.reader.readDeepTemplates(ctx, draft.Changes)
	if err != nil {
		return facts, err
	}
	if len(deep) > 0 {
		facts.Stacks = slices.Concat(facts.Stacks, deep)
		report = c.observe(ctx, facts.Stacks, known.ids)
	}
	var importers map[string][]string
	var unstaged []gate.Finding
	var missing []string
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		importers, err = c.reader.importers(groupCtx, facts)
		return err
	})
	group.Go(func() (err error) {
		unstaged, missing, err = c.stager.staged(groupCtx, draft.caller, draft.Changes)
		return err
	})
	err = group.Wait()
	facts.Importers, facts.Observed = importers, slices.Concat(report.Findings, unstaged)
	draft.Notes = slices.Concat(draft.Notes, report.Notes, missing, known.limitNotes)
	return facts, err
}

// holdsNamed returns a function that reports whether a resource, named as Data/Database, holds data.
func holdsNamed(m *manifest.Manifest) func(name, resourceType string) bool {
	return func(name, resourceType string) bool {
		r := address.ParseResource(name)
		return changeset.Holds(m.HoldsData).Data(r.Path(), r.LogicalID, resourceType)
	}
}

// foreignPlans are the change sets that somebody made for the root without this program.
func foreignPlans(site string, pending []cfn.ChangeSetSummary) []gate.Finding {
	var all []gate.Finding
	for _, c := range pending {
		if ownership.IsOwnChangeSet(c) || c.Parent != "" || !mayBeExecuted(c) {
			continue
		}
		all = append(all, gate.Finding{
			Code: gate.PendingChangeSet, Subject: c.Name, Facts: gate.Kind("waits", ""),
			What: "change set " + c.Name + " waits on stack " + site + " since " + c.Created.UTC().
				Format("2006-01-02 15:04 UTC"),
			Steps: []string{
				"ask whoever made it",
				"delete it: aws cloudformation delete-change-set --change-set-name " + c.ID,
			},
		})
	}
	return all
}
