package deploy

import (
	"context"
	"fmt"
	"time"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/manifest"
)

// WatchStacks is what [Watch] needs of CloudFormation.
type WatchStacks interface {
	OutputsStacks
	changeset.Reader
	ownership.Stacks
	operation.Stacks
	operation.Canceller
}

// Watch attaches to an operation that runs, whoever began it and from wherever. It keeps nothing: what it needs is in
// the events of the root stack.
type Watch struct {
	Site     *manifest.Manifest
	Stacks   WatchStacks
	Identify func(context.Context) (account.Caller, error)
	View     operation.View
}

// Run follows the operation to its end and ends as the command that began it: see [Up.Run].
func (w *Watch) Run(ctx context.Context) error {
	if _, err := w.Identify(ctx); err != nil {
		return err
	}
	root, err := w.Stacks.Stack(ctx, w.Site.Site)
	if cfn.IsNotFound(err) {
		w.View.Done(fmt.Sprintf("nothing runs: %s is not deployed in %s", w.Site.Site, w.Site.Region))
		return nil
	}
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	if w.View.CancelsOnInterrupt() {
		if err := ownership.Check(ctx, w.Stacks, w.Site, root); err != nil {
			return err
		}
	}
	last, begun, err := operation.Last(ctx, w.Stacks, root)
	switch {
	case err != nil:
		return outcome.Errorf(outcome.Failed, "%w", err)
	case !begun:
		w.View.Done("nothing runs: " + w.Site.Site + " was planned and never created")
		return nil
	case !last.Running():
		w.View.Done(fmt.Sprintf("nothing runs in %s\nthe last operation: %s", w.Site.Site, last.Summary(time.Now())))
		return nil
	}
	follow := &operation.Follower{Stacks: w.Stacks, Cancel: w.Stacks, View: w.View, Manifest: w.Site}
	end, err := follow.Follow(ctx, root.ID, last.Cursor)
	if err != nil {
		return err
	}
	return w.ended(ctx, follow, root.ID, end, last)
}

func (w *Watch) ended(
	ctx context.Context, follow *operation.Follower, rootID string, end events.End, last operation.Operation,
) error {
	switch {
	case !end.Succeeded():
		return follow.Failed(ctx, end)
	case end.Status == status.DeleteComplete:
		w.View.Done(w.Site.Site + " is destroyed")
		return nil
	case last.Kind() == events.Deletion:
		return outcome.Errorf(outcome.Failed, "%s was not deleted, and is unchanged: %s", w.Site.Site, end.Reason).
			Advise("remove what blocks the deletion, then run deploy destroy %s again", w.Site.Environment)
	}
	outputs, err := cfn.OutputsOf(ctx, w.Stacks, rootID)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "deployed, but: %w", err)
	}
	w.View.Outputs(outputs)
	w.View.Done(w.Site.Site + " is deployed")
	return nil
}
