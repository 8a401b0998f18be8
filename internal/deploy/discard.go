package deploy

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/poll"
)

// Discarding is what taking back a plan needs of CloudFormation.
type Discarding interface {
	changeset.Reader
	ChangeSetsOf(ctx context.Context, stack string) ([]cfn.ChangeSetSummary, error)
	Stack(ctx context.Context, stack string) (cfn.Stack, error)
	DeleteChangeSet(ctx context.Context, id string) error
	Delete(ctx context.Context, stack, token string) error
	Unprotect(ctx context.Context, stack string) error
}

// discard deletes a plan that will not be executed, and returns the reason: the change set, with those nested in it,
// and on a creation the empty stack that CloudFormation made for it. It goes on for a moment when ctx has ended, so
// that an interrupted plan leaves nothing behind either.
func (t *Target) discard(ctx context.Context, draft *draft, reason error) error {
	if ctx.Err() != nil && outcome.CodeOf(reason) == outcome.Failed {
		reason = outcome.Errorf(outcome.Interrupted, "interrupted; nothing was deployed")
	}
	reason = wrapStale(reason, draft.Manifest)
	if draft.kept || draft.Changes == nil {
		return reason
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	err := discard(ctx, t.Stacks, draft.Changes.ChangeSetID, draft.Changes.StackID, draft.Create, t.Token)
	if err != nil && reason == nil {
		return err
	}
	if err != nil {
		t.View.Step("the plan could not be deleted: " + err.Error())
	}
	return reason
}

func discard(ctx context.Context, api Discarding, id, stackID string, create bool, token string) error {
	if err := api.DeleteChangeSet(ctx, id); err != nil && !cfn.IsNotFound(err) {
		return err
	}
	if !create {
		return nil
	}
	// The nested ones go first, in their own time, and with them the stacks that only they had planned.
	if err := waitUntilGone(ctx, api, id); err != nil {
		return err
	}
	stack, empty, err := onlyPlanned(ctx, api, stackID)
	if err != nil || !empty {
		return err
	}
	if stack.Protected { // for the creation that did not begin
		if err := api.Unprotect(ctx, stackID); err != nil {
			return err
		}
	}
	return api.Delete(ctx, stackID, token)
}

// onlyPlanned reports whether a stack is there, holds nothing, and nobody else has a plan for it.
func onlyPlanned(ctx context.Context, api Discarding, stackID string) (stack cfn.Stack, only bool, err error) {
	stack, err = api.Stack(ctx, stackID)
	if cfn.IsNotFound(err) {
		return stack, false, nil
	}
	if err != nil || stack.Status != status.ReviewInProgress {
		return stack, false, err
	}
	others, err := api.ChangeSetsOf(ctx, stackID)
	return stack, err == nil && len(others) == 0, err
}

func waitUntilGone(ctx context.Context, api changeset.Reader, id string) error {
	return poll.Until(ctx, func(ctx context.Context) (bool, error) {
		d, err := api.ChangeSet(ctx, id, false)
		if cfn.IsNotFound(err) {
			return true, nil
		}
		return err == nil && d.Status == types.ChangeSetStatusDeleteComplete, err
	})
}
