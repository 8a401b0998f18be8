package operation

import (
	"context"
	"crypto/rand"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
)

// Canceller takes a running operation back.
type Canceller interface {
	Stack(ctx context.Context, stack string) (cfn.Stack, error)
	CancelUpdate(ctx context.Context, stack, token string) error
	Delete(ctx context.Context, stack, token string) error
	Unprotect(ctx context.Context, stack string) error
}

// interrupted decides what an interrupt does: nothing, unless it was asked for. An update is cancelled; a creation can
// only be deleted, so that is asked. True when the operation is to be followed to its new end.
func (f *Follower) interrupted(ctx context.Context, root string) (bool, error) {
	if f.Cancel == nil || !f.View.CancelsOnInterrupt() {
		return false, nil
	}
	switch now := f.statusNow(ctx, root); {
	case now.InRollback(), now.CleaningUp(), now.Phase() == status.Delete:
		return false, f.tooLate(now)
	case now == status.CreateInProgress, now == status.ReviewInProgress: // a description may be behind
		return f.deleteInstead(ctx, root)
	}
	f.View.Step("cancelling the update")
	err := f.Cancel.CancelUpdate(ctx, root, ownership.Token("cancel", "interrupt", strings.ToLower(rand.Text())))
	if cfn.Rejected(err) {
		if now := f.statusNow(ctx, root); now != status.UpdateInProgress {
			return false, f.tooLate(now)
		}
	}
	return err == nil, err
}

// deleteInstead asks whether a creation is to be deleted.
func (f *Follower) deleteInstead(ctx context.Context, root string) (bool, error) {
	if err := f.View.CanAsk(""); err != nil {
		f.View.Step("a creation can't be cancelled, only deleted, and there is no terminal to confirm it on")
		return false, nil
	}
	yes, err := f.View.Confirm(ctx, "A creation can't be cancelled. Delete "+f.Manifest.Site+" with all that is in it?")
	if err != nil || !yes {
		return false, err
	}
	// A production site is protected before its creation begins. Nobody has used what is deleted here.
	stack, err := f.Cancel.Stack(ctx, root)
	if err != nil {
		return false, err
	}
	if stack.Protected && stack.Status.NeverServed() {
		if err := f.Cancel.Unprotect(ctx, root); err != nil {
			return false, err
		}
	}
	return true, f.Cancel.Delete(ctx, root, ownership.Token("cancel", "interrupt", strings.ToLower(rand.Text())))
}

// statusNow is the status of the root now: an interrupt may come before the first event has been read, or long after
// the last.
func (f *Follower) statusNow(ctx context.Context, root string) status.Status {
	stack, err := f.Cancel.Stack(ctx, root)
	if err != nil {
		return f.status
	}
	return stack.Status
}

// tooLate says that an operation can't be cancelled any more; it is left then.
func (f *Follower) tooLate(now status.Status) error {
	f.View.Step("it is too late to cancel: " + f.Manifest.Site + " is " + string(now))
	return nil
}

// detached is the error of a watch that was left.
func (f *Follower) detached() error {
	return outcome.Errorf(outcome.Interrupted, "interrupted; the operation continues in AWS").
		Advise("follow it with: deploy watch %s", f.Manifest.Environment)
}

// cancelled follows what an interrupt has begun. Its end is an interrupt's, whatever it is.
func (f *Follower) cancelled(ctx context.Context, watch *events.Watch) error {
	end, err := watch.Resume(ctx, f.see)
	if err != nil {
		return outcome.Errorf(outcome.Interrupted, "interrupted and cancelled; the result could not be read: %s", cfn.Message(err)).
			Advise("follow it with: deploy watch %s", f.Manifest.Environment)
	}
	switch end.Status {
	case status.UpdateRollbackComplete:
		return outcome.Errorf(outcome.Interrupted, "the update was cancelled; %s is as it was before", f.Manifest.Site)
	case status.DeleteComplete:
		return outcome.Errorf(outcome.Interrupted, "the creation was cancelled; %s is deleted", f.Manifest.Site)
	case status.UpdateComplete, status.CreateComplete:
		return outcome.Errorf(outcome.Interrupted, "interrupted too late to cancel: %s is %s", f.Manifest.Site, end.Status).
			Advise("what was planned has been deployed; see it with: deploy status %s", f.Manifest.Environment)
	}
	return outcome.Errorf(outcome.Interrupted, "cancelled, but %s is %s: %s", f.Manifest.Site, end.Status, end.Reason).
		Advise("see why with: deploy diagnose %s", f.Manifest.Environment)
}
