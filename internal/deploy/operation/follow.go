package operation

import (
	"context"
	"errors"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// View shows an operation as it goes, and its result.
type View interface {
	Event(e events.Event)
	// Failed shows why an operation failed.
	Failed(f Failure)
	Outputs(stacks []cfn.StackOutputs)
	Step(text string)
	// Note says what somebody should know that is not a failure.
	Note(text string)
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

// Stacks is what following an operation needs of CloudFormation.
type Stacks interface {
	events.Source
	DetailReader
}

// Follower follows an operation on a tree of stacks to its end.
type Follower struct {
	Stacks   Stacks
	Cancel   Canceller // nil when an interrupt only leaves the operation
	View     View
	Manifest *manifest.Manifest

	causes events.Causes
	status status.Status  // of the root, as it last said
	nested []cfn.StackRef // in the order in which they were seen
}

// Nested returns the nested stacks that the events named, in the order in which they were seen.
func (f *Follower) Nested() []cfn.StackRef { return f.nested }

// Follow shows the operation on a root stack from a cursor before it until it has ended.
func (f *Follower) Follow(ctx context.Context, root string, cursor events.Cursor) (events.End, error) {
	defer f.View.Stop()
	watch := events.NewWatch(f.Stacks)
	end, err := watch.Follow(ctx, root, cursor, f.see)
	switch {
	case err != nil && ctx.Err() != nil:
		f.View.Stop()
		still := context.WithoutCancel(ctx)
		continues, err := f.interrupted(still, root)
		if err != nil {
			return end, outcome.Errorf(outcome.Interrupted, "interrupted, but: %w", err).
				Advise("the operation continues; follow it with: deploy watch %s", f.Manifest.Environment)
		}
		if !continues {
			return end, f.detached()
		}
		return end, f.cancelled(still, watch)
	case err != nil:
		lost := outcome.Errorf(
			outcome.Failed, "the operation continues, but its events could not be read: %s", cfn.Message(err),
		)
		lost.First = outcome.AdviceOf(err)
		return end, lost.Advise("follow it with: deploy watch %s", f.Manifest.Environment)
	}
	return end, nil
}

func (f *Follower) see(e events.Event) {
	f.causes.Add(e)
	f.View.Event(e)
	if e.OfStack() && len(e.Path) == 0 {
		f.status = e.Status
	}
	id := e.Child()
	if id == "" {
		return
	}
	for _, s := range f.nested {
		if s.ID == id {
			return
		}
	}
	f.nested = append(f.nested, cfn.StackRef{ID: id, Path: e.Path.Child(e.LogicalID)})
}

// Failed returns the error for the end of an operation that did not do what was asked.
func (f *Follower) Failed(ctx context.Context, end events.End) error {
	failure := Explain(ctx, f.Stacks, f.Manifest, &f.causes)
	f.View.Failed(failure)
	reason := errors.New(string(end.Status))
	if failure.Cause.Reason != "" {
		reason = errors.New(failure.Cause.Reason)
	}
	advice := condition.Of(end.Status, f.Manifest.Environment).Advice
	switch {
	case end.Status == status.RollbackComplete:
		return outcome.Errorf(outcome.RolledBack, "the creation of %s failed and was rolled back: %w", f.Manifest.Site, reason).
			Advise("remove the cause, %s", advice)
	case end.Status.RolledBack():
		return outcome.Errorf(outcome.RolledBack, "the deployment failed; %s is as it was before: %w", f.Manifest.Site, reason).
			Advise("remove the cause and run deploy up again")
	}
	return outcome.Errorf(outcome.NeedsRecovery, "%s is %s: %w", f.Manifest.Site, end.Status, reason).
		Advise("%s", advice)
}

// FollowTo follows an operation until it has ended. When the end is not the status that is wanted, the failure says
// what went wrong on the way and what to do about it.
func (f *Follower) FollowTo(
	ctx context.Context, stack string, cursor events.Cursor, want status.Status,
) (events.End, Failure, error) {
	end, err := f.Follow(ctx, stack, cursor)
	if err != nil || end.Status == want {
		return end, Failure{Site: f.Manifest.Site}, err
	}
	return end, Explain(ctx, f.Stacks, f.Manifest, &f.causes), nil
}
