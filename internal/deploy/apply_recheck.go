package deploy

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/preflight"
	"distributed-moodle/internal/manifest"
)

// Again looks once more at what only AWS knows outside CloudFormation, with what a saved plan says of its stacks; see
// [Observe].
type Again func(ctx context.Context, changes *changeset.Stack, deployed map[string]string, holds func(name string) bool) preflight.Report

// recheck looks at what may have come up since a plan was saved, and puts it into the place of what was found then:
// somebody else's change sets, what nodes miss, drift and quotas. Reasons that were given for what is gone by now
// are left out.
func (a *Apply) recheck(ctx context.Context, draft *draft) error {
	var pending, unstaged, account []gate.Finding
	var notes []string
	looked := []gate.Code{gate.PendingChangeSet, gate.NotStaged, gate.Expired}
	expired, expiring := expiry(a.Site.Manifest, draft.Changes, time.Now())
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
	var ofBucket error
	group.Go(func() error {
		ofBucket = a.sameBucket(groupCtx, draft.caller)
		return nil
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
	if ofBucket != nil {
		return ofBucket
	}
	draft.Findings = slices.DeleteFunc(
		slices.Clone(draft.Findings), func(f gate.Finding) bool { return slices.Contains(looked, f.Code) },
	)
	draft.Findings = slices.Concat(draft.Findings, account, unstaged, expired, pending)
	for _, note := range slices.Concat(notes, expiring) {
		if !slices.Contains(draft.Notes, note) {
			draft.Notes = append(slices.Clone(draft.Notes), note)
		}
	}
	return nil
}

// sameBucket looks whether the bucket still has what CloudFormation and nodes will read from it, with the content that
// was planned, and closes it if somebody has opened it.
func (a *Apply) sameBucket(ctx context.Context, caller account.Caller) error {
	keeper := a.Bucket(caller)
	kept, err := keeper.Keep(ctx, nil, true)
	if err != nil {
		return err
	}
	a.sayClosed(kept)
	checksums := map[string]string{}
	for _, file := range a.templateFiles() {
		checksums[manifest.TemplateKey(file.SHA256)] = file.SHA256
	}
	if a.Site.Node != nil {
		checksums[manifest.BundleKey(a.Site.Node.SHA256)] = a.Site.Node.SHA256
	}
	var missing []string
	var mutex sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	for key, checksum := range checksums {
		group.Go(func() error {
			has, err := keeper.Has(groupCtx, key, checksum)
			if err == nil && !has {
				mutex.Lock()
				defer mutex.Unlock()
				missing = append(missing, key)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return stale("the site's bucket no longer has what was planned: %s", strings.Join(missing, ", "))
	}
	return nil
}
