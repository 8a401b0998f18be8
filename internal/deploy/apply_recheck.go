package deploy

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/preflight"
)

// Again looks once more at what only AWS knows outside CloudFormation, with what a saved plan says of its stacks; see
// [Observe].
type Again func(ctx context.Context, changes *changeset.Stack, deployed map[string]string, holds func(name string) bool) preflight.Report

// recheck looks at what may have come up since a plan was saved, and puts it into the place of what was found then:
// somebody else's change sets, files that nodes miss, drift and quotas. Reasons that were given for what is gone by now
// are left out.
func (a *Apply) recheck(ctx context.Context, draft *draft) error {
	var pending, unstaged, account []gate.Finding
	var notes []string
	looked := []gate.Code{gate.PendingChangeSet, gate.NotStaged}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error {
		all, err := a.Stacks.ChangeSetsOf(groupCtx, draft.Changes.StackID)
		others := slices.DeleteFunc(all, func(c cfn.ChangeSetSummary) bool { return c.ID == draft.Changes.ChangeSetID })
		pending = foreignPlans(draft.Manifest.Site, others)
		return err
	})
	group.Go(func() (err error) {
		unstaged, notes, err = stager{a.Target, a.Fetch}.staged(groupCtx, draft.caller, draft.Changes)
		return err
	})
	if a.Again != nil {
		looked = append(looked, gate.Drift, gate.Quota)
		group.Go(func() error {
			state, _ := operation.StateOf(draft.before, "") // it was compared with the plan before
			deployed, err := reader{a.Target}.deployed(groupCtx, currentState{stack: draft.before, status: state})
			if err == nil {
				account = a.Again(groupCtx, draft.Changes, deployed, holdsNamed(draft.Manifest)).Findings
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return outcome.Errorf(outcome.Failed, "check what has changed since the plan was made: %w", err).
			Advise("nothing was deployed; try again")
	}
	draft.Findings = slices.DeleteFunc(
		slices.Clone(draft.Findings), func(f gate.Finding) bool { return slices.Contains(looked, f.Code) },
	)
	draft.Findings = slices.Concat(draft.Findings, account, unstaged, pending)
	for _, note := range notes {
		if !slices.Contains(draft.Notes, note) {
			draft.Notes = append(slices.Clone(draft.Notes), note)
		}
	}
	return nil
}
