package deploy

import (
	"context"
	"crypto/rand"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/outcome"
)

// Cancelling is a CloudFormation in which a running operation can be taken back.
type Cancelling interface {
	Stack(ctx context.Context, stack string) (cfn.Stack, error)
	CancelUpdate(ctx context.Context, stack, token string) error
	Delete(ctx context.Context, stack, token string) error
}

// interrupted decides what an interrupt does: nothing, unless it was asked for. An update is cancelled; a creation can only be
// deleted, so that is asked. True when the operation is to be followed to its new end.
func (w *follower) interrupted(ctx context.Context, root string) (bool, error) {
	api, able := w.source.(Cancelling)
	if !able || !w.view.CancelsOnInterrupt() {
		return false, nil
	}
	switch now := w.standing(ctx, api, root); {
	case now.InRollback(), now.CleaningUp(), now.Phase() == status.Delete:
		return false, w.tooLate(now)
	case now == status.CreateInProgress, now == status.ReviewInProgress: // a description may be behind
		return w.deleteInstead(ctx, api, root)
	}
	w.view.Step("cancelling the update")
	err := api.CancelUpdate(ctx, root, operationToken("cancel", "interrupt", strings.ToLower(rand.Text())))
	if cfn.Rejected(err) {
		if now := w.standing(ctx, api, root); now != status.UpdateInProgress {
			return false, w.tooLate(now)
		}
	}
	return err == nil, err
}

// deleteInstead asks whether a creation is to be deleted.
func (w *follower) deleteInstead(ctx context.Context, api Cancelling, root string) (bool, error) {
	if err := w.view.CanAsk(""); err != nil {
		w.view.Step("a creation can't be cancelled, only deleted, and nobody can be asked about that")
		return false, nil
	}
	yes, err := w.view.Confirm(ctx, "A creation can't be cancelled. Delete "+w.manifest.Site+" with all that is in it?")
	if err != nil || !yes {
		return false, err
	}
	return true, api.Delete(ctx, root, operationToken("cancel", "interrupt", strings.ToLower(rand.Text())))
}

// standing is the status of the root now: an interrupt may come before the first event has been read, or long after the last.
func (w *follower) standing(ctx context.Context, api Cancelling, root string) status.Status {
	stack, err := api.Stack(ctx, root)
	if err != nil {
		return w.status
	}
	return stack.Status
}

// tooLate says that an operation can't be cancelled any more; it is left then.
func (w *follower) tooLate(now status.Status) error {
	w.view.Step("it is too late to cancel: " + w.manifest.Site + " is " + string(now))
	return nil
}

// detached is the error of a watch that was left.
func (w *follower) detached() error {
	return outcome.Errorf(outcome.Interrupted, "interrupted; what was begun goes on in AWS").
		Advise("see how it goes with: deploy watch %s", w.manifest.Environment)
}

// cancelled follows what an interrupt has begun. Its end is an interrupt's, whatever it is.
func (w *follower) cancelled(ctx context.Context, watch *events.Watch) error {
	end, err := watch.Resume(ctx, w.see)
	if err != nil {
		return outcome.Errorf(outcome.Interrupted, "interrupted and cancelled; lost sight of how that goes: %s", cfn.Message(err)).
			Advise("see how it goes with: deploy watch %s", w.manifest.Environment)
	}
	switch end.Status {
	case status.UpdateRollbackComplete:
		return outcome.Errorf(outcome.Interrupted, "the update was cancelled; %s is as it was before", w.manifest.Site)
	case status.DeleteComplete:
		return outcome.Errorf(outcome.Interrupted, "the creation was cancelled; %s is deleted", w.manifest.Site)
	case status.UpdateComplete, status.CreateComplete:
		return outcome.Errorf(outcome.Interrupted, "interrupted too late to cancel: %s is %s", w.manifest.Site, end.Status).
			Advise("what was planned has been deployed; see it with: deploy status %s", w.manifest.Environment)
	}
	return outcome.Errorf(outcome.Interrupted, "cancelled, but %s is %s: %s", w.manifest.Site, end.Status, end.Reason).
		Advise("see why with: deploy diagnose %s", w.manifest.Environment)
}
