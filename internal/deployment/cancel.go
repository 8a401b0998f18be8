package deployment

import (
	"context"
	"crypto/rand"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/events"
	"distributed-moodle/internal/outcome"
)

// Cancelling is a CloudFormation in which a running operation can be taken back.
type Cancelling interface {
	CancelUpdate(ctx context.Context, stack, token string) error
	Delete(ctx context.Context, stack, token string) error
}

// interrupted decides what an interrupt does: nothing, unless it was asked for. An update is cancelled; a creation can only be
// deleted, so that is asked. True when the operation is to be followed to its new end.
func (w *watched) interrupted(ctx context.Context, root string) (bool, error) {
	api, able := w.source.(Cancelling)
	if !able || !w.view.CancelsOnInterrupt() {
		return false, nil
	}
	switch w.status {
	case "UPDATE_IN_PROGRESS":
		w.view.Step("cancelling the update")
		return true, api.CancelUpdate(ctx, root, operationToken("cancel", "interrupt", strings.ToLower(rand.Text())))
	case "CREATE_IN_PROGRESS":
		if err := w.view.Answers(""); err != nil {
			w.view.Step("a creation can't be cancelled, only deleted, and nobody can be asked about that")
			return false, nil
		}
		yes, err := w.view.Confirm(ctx, "A creation can't be cancelled. Delete "+w.manifest.Site+" with all that is in it?")
		if err != nil || !yes {
			return false, err
		}
		return true, api.Delete(ctx, root, operationToken("cancel", "interrupt", strings.ToLower(rand.Text())))
	}
	w.view.Step("it is " + w.status + " and can't be cancelled any more")
	return false, nil
}

// detached is the error of a watch that was left.
func (w *watched) detached() error {
	return outcome.Errorf(outcome.Interrupted, "interrupted; what was begun goes on in AWS").
		Advise("see how it goes with: deploy watch %s", w.manifest.Environment)
}

// cancelled follows what an interrupt has begun. Its end is an interrupt's, whatever it is.
func (w *watched) cancelled(ctx context.Context, watch *events.Watch) error {
	end, err := watch.Resume(ctx, w.see)
	if err != nil {
		return outcome.Errorf(outcome.Interrupted, "interrupted and cancelled; lost sight of how that goes: %s", cfn.Message(err)).
			Advise("see how it goes with: deploy watch %s", w.manifest.Environment)
	}
	switch end.Status {
	case "UPDATE_ROLLBACK_COMPLETE":
		return outcome.Errorf(outcome.Interrupted, "the update was cancelled; %s is as it was before", w.manifest.Site)
	case "DELETE_COMPLETE":
		return outcome.Errorf(outcome.Interrupted, "the creation was cancelled; %s is deleted", w.manifest.Site)
	case "UPDATE_COMPLETE", "CREATE_COMPLETE":
		return outcome.Errorf(outcome.Interrupted, "interrupted too late to cancel: %s is %s", w.manifest.Site, end.Status)
	}
	return outcome.Errorf(outcome.Interrupted, "cancelled, but %s is %s: %s", w.manifest.Site, end.Status, end.Reason).
		Advise("see why with: deploy diagnose %s", w.manifest.Environment)
}
