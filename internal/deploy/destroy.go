package deploy

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/inventory"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/manifest"
)

// DestroyStacks is what [Destroy] needs of CloudFormation.
type DestroyStacks interface {
	inventory.Stacks
	operation.Stacks
	ChangeSetsOf(ctx context.Context, stack string) ([]cfn.ChangeSetSummary, error)
	Delete(ctx context.Context, stack, token string) error
}

// DestroyView shows a deletion to whoever runs it.
type DestroyView interface {
	operation.View
	Inventory(i *inventory.Inventory)
	// Type asks to have a word typed, and reports whether it was; an error, naming what to pass instead, when there is
	// nobody to ask.
	Type(ctx context.Context, question, word, instead string) (bool, error)
}

// Destroy deletes a site's stacks.
type Destroy struct {
	Site     *manifest.Manifest
	Stacks   DestroyStacks
	Identify func(context.Context) (account.Caller, error)
	View     DestroyView
	Yes      bool   // do not ask; not enough for a production site
	Token    string // unique for this run
}

// Run deletes. It disables no protection: a protected site is refused with what to do first.
func (d *Destroy) Run(ctx context.Context) error {
	caller, root, err := d.readCurrent(ctx)
	if cfn.IsNotFound(err) {
		d.View.Done(d.Site.Site + " is not deployed; there is nothing to destroy")
		return nil
	}
	if err != nil {
		return err
	}
	if err := ownership.Check(ctx, d.Stacks, d.Site, root); err != nil {
		return err
	}
	if err := d.checkAllowed(ctx, caller, root); err != nil {
		return err
	}
	d.View.Step("looking at what is there")
	inventoried, err := inventory.Take(ctx, d.Stacks, root, d.Site.HoldsData, d.Site.Application.OrDefaults().Outputs.LogGroup)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	d.View.Inventory(inventoried)
	if err := exportsInUse(inventoried); err != nil {
		return err
	}
	if err := d.confirm(ctx); err != nil {
		return err
	}
	if err := d.checkUnchanged(ctx, root); err != nil {
		return err
	}
	if err := d.delete(ctx, root, ownership.Token("destroy", caller.Name(), d.Token)); err != nil {
		return err
	}
	d.View.Done(
		fmt.Sprintf(
			"%s is destroyed\nthe bucket %s stays, with the templates that were deployed", d.Site.Site,
			d.Site.BucketName(caller.Account),
		),
	)
	return nil
}

func (d *Destroy) readCurrent(ctx context.Context) (caller account.Caller, root cfn.Stack, err error) {
	var stackErr error
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		caller, err = d.Identify(groupCtx)
		return err
	})
	group.Go(func() error {
		root, stackErr = d.Stacks.Stack(groupCtx, d.Site.Site)
		return nil
	})
	if err := group.Wait(); err != nil {
		return caller, root, err
	}
	return caller, root, stackErr
}

// checkAllowed refuses what must not be deleted, or can't be now.
func (d *Destroy) checkAllowed(ctx context.Context, caller account.Caller, root cfn.Stack) error {
	switch {
	case root.Running():
		_, err := operation.StateOf(root, d.Site.Environment)
		return err
	case root.Protected && root.Status.NeverServed():
		return outcome.Errorf(outcome.Refused, "%s is protected against deletion, and was never created completely", d.Site.Site).
			Advise("deploy recover %s removes what its creation left", d.Site.Environment)
	case root.Protected:
		return outcome.Errorf(outcome.Refused, "%s is protected against deletion", d.Site.Site).Advise("%s", d.steps())
	case root.Status != status.ReviewInProgress:
		return nil
	}
	pending, err := d.Stacks.ChangeSetsOf(ctx, root.ID)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	for _, p := range pending {
		if !ownership.PlannedBy(p, caller.Name()) {
			return outcome.Errorf(outcome.Refused, "%s exists only as a plan, and change set %s of it is somebody else's", d.Site.Site, p.Name).
				Advise("delete that change set first, if nobody needs it")
		}
	}
	return nil
}

// steps are what has to be done before a protected site can be destroyed.
func (d *Destroy) steps() string {
	var steps []string
	if d.Site.Production {
		steps = append(
			steps,
			fmt.Sprintf(
				"take production: true out of %s, generate, and run deploy up %s: that lifts the deletion protection inside",
				d.Site.Source, d.Site.ToDeploy(),
			),
		)
	}
	steps = append(
		steps,
		fmt.Sprintf(
			"aws cloudformation update-termination-protection --no-enable-termination-protection --region %s --stack-name %s",
			d.Site.Region, d.Site.Site,
		),
	)
	text := fmt.Sprintf("what has to be done first, in this order (then deploy destroy %s again):", d.Site.Environment)
	for i, step := range steps {
		text += fmt.Sprintf("\n  %d. %s", i+1, step)
	}
	return text
}

// exportsInUse refuses while other stacks import what this site exports: CloudFormation would stop in the middle.
func exportsInUse(i *inventory.Inventory) error {
	if len(i.Imported) == 0 {
		return nil
	}
	var uses []string
	for _, u := range i.Imported {
		uses = append(uses, fmt.Sprintf("%s (by %s)", u.Export, strings.Join(u.By, ", ")))
	}
	return outcome.Errorf(outcome.Refused, "other stacks use exports of %s: %s", i.Site, strings.Join(uses, "; ")).
		Advise("delete those stacks first, or take the imports out of them")
}

// confirm has the site's name typed. In production nothing replaces that.
func (d *Destroy) confirm(ctx context.Context) error {
	if d.Yes && !d.Site.Production {
		return nil
	}
	instead := "--yes"
	if d.Site.Production {
		instead = ""
	}
	typed, err := d.View.Type(
		ctx,
		fmt.Sprintf("To delete all of it, type the site's name (%s):", d.Site.Site),
		d.Site.Site,
		instead,
	)
	switch {
	case err != nil:
		return err
	case !typed:
		return outcome.Errorf(outcome.Refused, "not destroyed: the name was not typed")
	}
	return nil
}

// checkUnchanged looks once more before anything goes: what somebody else has deployed while the question was open was
// not shown.
func (d *Destroy) checkUnchanged(ctx context.Context, root cfn.Stack) error {
	now, err := d.Stacks.Stack(ctx, root.ID)
	switch {
	case err != nil:
		return outcome.Errorf(outcome.Failed, "look once more: %w", err)
	case now.Status != root.Status, !now.Updated.Equal(root.Updated):
		return outcome.Errorf(outcome.Refused, "%s has changed in the meantime: it was %s and is %s", d.Site.Site, root.Status, now.Status).
			Advise("nothing was deleted; look again with deploy status %s, then run deploy destroy %s again", d.Site.Environment, d.Site.Environment)
	}
	return nil
}

func (d *Destroy) delete(ctx context.Context, root cfn.Stack, token string) error {
	mark, err := events.CursorNow(ctx, d.Stacks, root.ID)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "read the stack's events: %w", err)
	}
	if err := d.Stacks.Delete(context.WithoutCancel(ctx), root.ID, token); err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	w := &operation.Follower{Stacks: d.Stacks, View: d.View, Manifest: d.Site}
	end, err := w.Follow(ctx, root.ID, mark)
	if err != nil {
		return err
	}
	return d.ended(ctx, w, end)
}

// ended believes nothing but the deletion itself: CloudFormation takes one back, to the status that was there before,
// when an export turns out to be in use.
func (d *Destroy) ended(ctx context.Context, w *operation.Follower, end events.End) error {
	switch {
	case end.Status == status.DeleteComplete:
		return nil
	case end.Succeeded():
		return outcome.Errorf(outcome.Failed, "%s was not deleted, and is unchanged: %s", d.Site.Site, end.Reason).
			Advise("remove what blocks the deletion, then run deploy destroy %s again", d.Site.Environment)
	}
	return w.Failed(ctx, end)
}
