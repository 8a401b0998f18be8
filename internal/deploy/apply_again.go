package deploy

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/preflight"
)

// Again looks once more at what only AWS knows beside CloudFormation, with what a saved plan says of its stacks; see [Observe].
type Again func(ctx context.Context, changes *changeset.Stack, deployed map[string]string, holds func(name string) bool) preflight.Report

// recheck looks at what may have come up since a plan was saved, and puts it into the place of what was found then: somebody else's change
// sets, files that nodes miss, drift and quotas. Reasons that were given for what is gone by now are left out.
func (a *Apply) recheck(ctx context.Context, plan *Plan) error {
	var pending, unstaged, account []gate.Finding
	var notes []string
	looked := []gate.Code{gate.PendingChangeSet, gate.NotStaged}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error {
		all, err := a.Stacks.ChangeSetsOf(groupCtx, plan.Changes.StackID)
		others := slices.DeleteFunc(all, func(c cfn.ChangeSetSummary) bool { return c.ID == plan.Changes.ChangeSetID })
		pending = foreignPlans(plan.Manifest.Site, others)
		return err
	})
	group.Go(func() (err error) {
		unstaged, notes, err = a.staged(groupCtx, plan)
		return err
	})
	if a.Again != nil {
		looked = append(looked, gate.Drift, gate.Quota)
		group.Go(func() error {
			standing, _ := classify(plan.before, "") // it was held against the plan before
			deployed, err := a.deployed(groupCtx, currentState{stack: plan.before, status: standing})
			if err == nil {
				account = a.Again(groupCtx, plan.Changes, deployed, holdsNamed(plan.Manifest)).Findings
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return outcome.Errorf(outcome.Failed, "look again at what has come up since the plan was made: %w", err).Advise("nothing was deployed; try again")
	}
	plan.Findings = slices.DeleteFunc(slices.Clone(plan.Findings), func(f gate.Finding) bool { return slices.Contains(looked, f.Code) })
	plan.Findings = slices.Concat(plan.Findings, account, unstaged, pending)
	for _, note := range notes {
		if !slices.Contains(plan.Notes, note) {
			plan.Notes = append(slices.Clone(plan.Notes), note)
		}
	}
	return nil
}

// stillNeeded are the reasons in a saved plan for what is still found; those for what has gone since are not held against anybody.
func stillNeeded(accepted []gate.Acceptance, found []gate.Finding) []gate.Acceptance {
	return slices.DeleteFunc(slices.Clone(accepted), func(a gate.Acceptance) bool {
		return !slices.ContainsFunc(found, func(f gate.Finding) bool { return a.Covers(f) })
	})
}
