package deploy

import (
	"context"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
)

// executor carries plans out.
type executor struct {
	*Target
	Databases Databases
	Consent   Consent
}

// run shows a plan, and executes it once nothing refuses it and somebody agrees.
func (e *executor) run(ctx context.Context, draft *draft) error {
	e.View.Plan(draft.Plan, draft.caller)
	if err := draft.Refused(); err != nil {
		return e.discard(ctx, draft, err)
	}
	if err := e.Consent.confirm(ctx, e.View, draft); err != nil {
		return e.discard(ctx, draft, err)
	}
	return e.execute(ctx, draft)
}

// execute carries a plan out and follows it to its end. That nobody has deployed since the plan was made is for
// CloudFormation to say: it executes no change set of a stack that has moved on; see [wrapStale].
func (e *executor) execute(ctx context.Context, draft *draft) error {
	id, stackID := draft.Changes.ChangeSetID, draft.Changes.StackID
	if err := e.secure(ctx, draft); err != nil {
		return e.discard(ctx, draft, err)
	}
	if err := e.record(ctx, draft); err != nil {
		return e.discard(ctx, draft, err)
	}
	if err := e.protectFirst(ctx, draft); err != nil {
		return e.discard(ctx, draft, err)
	}
	// An interrupt waits for this one call, so that the deployer knows if the deployment has begun.
	if err := e.Stacks.Execute(context.WithoutCancel(ctx), id, ownership.Token("up", draft.caller.Name(), e.Token)); err != nil {
		failed := outcome.Errorf(outcome.Failed, "%w", err).Advise("run deploy up again to see what is to be done now")
		if cfn.Rejected(err) {
			return e.discard(ctx, draft, failed)
		}
		return failed
	}
	w := &operation.Follower{Stacks: e.Stacks, Cancel: e.Stacks, View: e.View, Manifest: e.Site.Manifest}
	end, err := w.Follow(ctx, stackID, draft.cursor)
	if err != nil {
		return err
	}
	if !end.Succeeded() {
		return draft.withSnapshotAdvice(w.Failed(ctx, end))
	}
	return e.finish(ctx, draft, w.Nested())
}

// protectFirst protects a production site before anything is executed: who follows the operation to its end may be
// another process, or nobody.
func (e *executor) protectFirst(ctx context.Context, draft *draft) error {
	stack := draft.before
	if draft.Create {
		stack = cfn.Stack{ID: draft.Changes.StackID, Protected: stack.Protected}
	}
	return e.protect(ctx, stack)
}

// finish reads the outputs of the stacks and protects what must not be deleted.
func (e *executor) finish(ctx context.Context, draft *draft, tree []cfn.StackRef) error {
	outputs, root, err := cfn.TreeOutputs(ctx, e.Stacks, append([]cfn.StackRef{{ID: draft.Changes.StackID}}, tree...))
	if err != nil {
		return outcome.Errorf(outcome.Failed, "deployed, but: %w", err).
			Advise("see the outputs with: deploy outputs %s", e.Site.Environment)
	}
	if err := e.protect(ctx, root); err != nil {
		return err
	}
	e.retain(ctx, e.serviceLogAfter(ctx, draft, root))
	e.View.Outputs(outputs)
	e.View.Done(e.Site.Site + " is deployed")
	return nil
}
