package deploy

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/preflight"
	"distributed-moodle/internal/manifest"
)

// Again looks once more at what only AWS knows outside CloudFormation, with what a saved plan says of its stacks; see
// [Observe].
type Again func(
	ctx context.Context, changes *changeset.Stack, deployed map[string]string,
	holds func(name, resourceType string) bool,
) preflight.Report

// looks are what looking again at the account says.
type looks struct {
	findings  []gate.Finding
	notes     []string
	importers map[string][]string
}

// lookAgain looks at what may have come up since a plan was saved: somebody else's change sets, what nodes miss, drift,
// quotas, who imports what goes, and whether the bucket still has what was planned.
func (a *Apply) lookAgain(ctx context.Context, current currentState, draft *draft, tree *accountTree) (*looks, error) {
	all := &looks{}
	var pending, unstaged []gate.Finding
	var missing []string
	var account preflight.Report
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error {
		sets, err := a.Stacks.ChangeSetsOf(groupCtx, draft.Changes.StackID)
		own := draft.Changes.ChangeSetID
		others := slices.DeleteFunc(sets, func(c cfn.ChangeSetSummary) bool { return c.ID == own })
		pending = foreignPlans(draft.Manifest.Site, others)
		return err
	})
	group.Go(func() (err error) {
		unstaged, missing, err = stager{a.Target, a.Fetch}.staged(groupCtx, current.caller, draft.Changes)
		return err
	})
	group.Go(func() (err error) {
		facts := gate.Facts{Manifest: a.Site.Manifest, Changes: draft.Changes, Stacks: tree.stacks}
		all.importers, err = reader{a.Target}.importers(groupCtx, facts)
		return err
	})
	var ofBucket error
	group.Go(func() error {
		ofBucket = a.sameBucket(groupCtx, current.caller)
		return nil
	})
	if a.Again != nil {
		group.Go(func() error {
			account = a.Again(groupCtx, draft.Changes, tree.ids, holdsNamed(draft.Manifest))
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, unread(err)
	}
	all.findings = slices.Concat(account.Findings, unstaged, pending)
	all.notes = slices.Concat(account.Notes, missing)
	return all, ofBucket
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
	absent, err := absentFrom(ctx, keeper, checksums)
	if err == nil && len(absent) > 0 {
		err = stale("the site's bucket no longer has what was planned: %s", strings.Join(absent, ", "))
	}
	return err
}
