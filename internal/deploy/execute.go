package deploy

import (
	"context"
	"errors"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/diagnosis"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// Watching shows an operation as it goes, and its result.
type Watching interface {
	Event(e events.Event)
	// Failed shows why an operation failed.
	Failed(f Failure)
	Outputs(stacks []StackOutputs)
	Step(text string)
	Done(text string)
	// Stop ends the redrawing: the operation is over, or nobody looks any longer.
	Stop()
	// CancelsOnInterrupt reports whether an interrupt is to cancel what runs, not only to leave it.
	CancelsOnInterrupt() bool
	// CanAsk is an error, naming what to pass instead, when there is nobody to ask.
	CanAsk(instead string) error
	// Confirm asks a question that only a yes answers with yes.
	Confirm(ctx context.Context, question string) (bool, error)
}

// Failure is why an operation failed.
type Failure struct {
	Site                string
	diagnosis.Diagnosis                // its cause is without an id when no event gives any
	Left                []events.Event // what could not be deleted on the way back, or at all
}

// execute carries a plan out and follows it to its end. That nobody has deployed since the plan was made is for CloudFormation to say: it
// executes no change set of a stack that has moved on; see [overtaken].
func (u *Up) execute(ctx context.Context, plan *Plan) error {
	id, stackID := plan.Changes.ChangeSetID, plan.Changes.StackID
	if err := u.upgrade(ctx, plan); err != nil {
		return u.discard(ctx, plan, err)
	}
	if err := u.record(ctx, plan); err != nil {
		return u.discard(ctx, plan, err)
	}
	// An interrupt waits for this one call, so that it can be said whether the deployment has begun.
	if err := u.Stacks.Execute(context.WithoutCancel(ctx), id, operationToken("up", plan.Caller.Name(), u.Token)); err != nil {
		failed := outcome.Errorf(outcome.Failed, "%w", err).Advise("run deploy up again to see what is to be done now")
		if cfn.Rejected(err) {
			return u.discard(ctx, plan, failed)
		}
		return failed
	}
	w := &follower{source: u.Stacks, view: u.View, manifest: u.Site.Manifest}
	end, err := w.follow(ctx, stackID, plan.mark)
	if err != nil {
		return err
	}
	if !end.Succeeded() {
		return plan.withSnapshotAdvice(w.failed(ctx, end))
	}
	return u.finish(ctx, stackID, w.stacks)
}

// finish reads what the stacks give away and protects what must not be deleted.
func (u *Up) finish(ctx context.Context, stackID string, tree []stackRef) error {
	outputs, root, err := outputsOf(ctx, u.Stacks, append([]stackRef{{id: stackID}}, tree...))
	if err != nil {
		return outcome.Errorf(outcome.Failed, "deployed, but: %w", err).Advise("see the outputs with: deploy outputs %s", u.Site.Environment)
	}
	if err := u.protect(ctx, root); err != nil {
		return err
	}
	u.View.Outputs(outputs)
	u.View.Done(u.Site.Site + " is deployed")
	return nil
}

// follower is an operation that is followed.
type follower struct {
	source   events.Source
	view     Watching
	manifest *manifest.Manifest

	causes events.Causes
	status status.Status // of the root, as it last said
	stacks []stackRef    // nested stacks in the order in which they were seen
}

// stackRef is a stack of a tree.
type stackRef struct {
	id   string
	path []string
}

func (w *follower) follow(ctx context.Context, root string, mark events.Cursor) (events.End, error) {
	defer w.view.Stop()
	watch := events.NewWatch(w.source)
	end, err := watch.Follow(ctx, root, mark, w.see)
	switch {
	case err != nil && ctx.Err() != nil:
		w.view.Stop()
		still := context.WithoutCancel(ctx)
		goesOn, err := w.interrupted(still, root)
		if err != nil {
			return end, outcome.Errorf(outcome.Interrupted, "interrupted, but: %w", err).
				Advise("what was begun goes on; see how it goes with: deploy watch %s", w.manifest.Environment)
		}
		if !goesOn {
			return end, w.detached()
		}
		return end, w.cancelled(still, watch)
	case err != nil:
		lost := outcome.Errorf(outcome.Failed, "lost sight of the operation, which goes on: %s", cfn.Message(err))
		lost.First = outcome.AdviceOf(err)
		return end, lost.Advise("see how it goes with: deploy watch %s", w.manifest.Environment)
	}
	return end, nil
}

func (w *follower) see(e events.Event) {
	w.causes.Add(e)
	w.view.Event(e)
	if e.OfStack() && len(e.Path) == 0 {
		w.status = e.Status
	}
	id := e.Child()
	if id == "" {
		return
	}
	for _, s := range w.stacks {
		if s.id == id {
			return
		}
	}
	w.stacks = append(w.stacks, stackRef{id: id, path: append(append([]string{}, e.Path...), e.LogicalID)})
}

// failed words the end of an operation that did not do what was asked.
func (w *follower) failed(ctx context.Context, end events.End) error {
	failure := explain(ctx, w.source, w.manifest, &w.causes)
	w.view.Failed(failure)
	reason := errors.New(string(end.Status))
	if failure.Cause.Reason != "" {
		reason = errors.New(failure.Cause.Reason)
	}
	advice := condition.Of(end.Status, w.manifest.Environment).Advice
	switch {
	case end.Status == status.RollbackComplete:
		return outcome.Errorf(outcome.RolledBack, "the creation of %s failed and was rolled back: %w", w.manifest.Site, reason).
			Advise("remove the cause, %s", advice)
	case end.Status.RolledBack():
		return outcome.Errorf(outcome.RolledBack, "the deployment failed; %s is as it was before: %w", w.manifest.Site, reason).
			Advise("remove the cause and run deploy up again")
	}
	return outcome.Errorf(outcome.NeedsRecovery, "%s is %s: %w", w.manifest.Site, end.Status, reason).Advise("%s", advice)
}
