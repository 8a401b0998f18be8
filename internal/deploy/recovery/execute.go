package recovery

import (
	"context"
	"fmt"
	"strings"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
)

// execute runs the action, and returns what it has done.
func (r *Recover) execute(ctx context.Context, s State, remedy *Remedy) (string, error) {
	root := s.root().ID
	switch remedy.Action {
	case condition.RollbackStack:
		if err := r.operate(ctx, root, status.UpdateRollbackComplete, func(ctx context.Context) error { return r.Stacks.RollbackStack(ctx, root, r.Token) }); err != nil {
			return "", err
		}
		return r.Site.Site + " is what it was before the update", nil
	case condition.ContinueUpdateRollback:
		skip := remedy.resourcesToSkip()
		if err := r.operate(ctx, root, status.UpdateRollbackComplete, func(ctx context.Context) error { return r.Stacks.ContinueUpdateRollback(ctx, root, skip, r.Token) }); err != nil {
			return "", err
		}
		text := r.Site.Site + " is what it was before the update"
		if len(skip) > 0 {
			text += ", but for what was skipped; see the difference with: deploy drift " + r.Site.Environment
		}
		return text, nil
	}
	if err := r.unprotect(ctx, remedy); err != nil {
		return "", err
	}
	if remedy.Action == condition.RollbackAndDeleteStack {
		err := r.operate(
			ctx, root, status.RollbackComplete,
			func(ctx context.Context) error { return r.Stacks.RollbackStack(ctx, root, r.Token) },
		)
		if err != nil {
			return "", err
		}
	}
	if err := r.delete(ctx, s, remedy); err != nil {
		return "", err
	}
	return fmt.Sprintf("the stack %s is gone\n%s", r.Site.Site, remedy.Next), nil
}

// unprotect turns off every protection of the remedy. The site's name was typed for that.
func (r *Recover) unprotect(ctx context.Context, remedy *Remedy) error {
	for _, p := range remedy.Unprotect {
		r.View.Step("turning off the deletion protection of " + p.Name)
		if err := r.turnOffProtection(ctx, p); err != nil {
			return outcome.Errorf(outcome.NeedsRecovery, "turn off the deletion protection of %s: %w", p.Name, err).
				Advise("turn it off in the console of %s, then: deploy recover %s", p.Type, r.Site.Environment)
		}
	}
	return nil
}

// delete deletes nested stacks in which something is to be left behind, and then the root: only the stack that
// a resource is in can leave it.
func (r *Recover) delete(ctx context.Context, s State, remedy *Remedy) error {
	for i := len(s.Stacks) - 1; i > 0; i-- {
		stack := s.Stacks[i]
		leave := remedy.resourcesToRetain(stack)
		if len(leave) == 0 {
			continue
		}
		err := r.operate(ctx, stack.ID, status.DeleteComplete, func(ctx context.Context) error {
			return r.Stacks.DeleteRetaining(ctx, stack.ID, leave, fmt.Sprintf("%s-%d", r.Token, i))
		})
		if err != nil {
			return err
		}
	}
	root := s.root()
	return r.operate(ctx, root.ID, status.DeleteComplete, func(ctx context.Context) error {
		if leave := remedy.resourcesToRetain(root); len(leave) > 0 {
			return r.Stacks.DeleteRetaining(ctx, root.ID, leave, r.Token+"-d")
		}
		return r.Stacks.Delete(ctx, root.ID, r.Token+"-d")
	})
}

func (r *Recover) turnOffProtection(ctx context.Context, p Protection) error {
	if p.Type == events.StackType {
		return r.Stacks.Unprotect(ctx, p.Identifier)
	}
	return r.Unprotect(ctx, p)
}

// operate starts an operation, follows it, and holds its end against the one that was wanted.
func (r *Recover) operate(
	ctx context.Context, stack string, want status.Status, start func(context.Context) error,
) error {
	mark, err := events.CursorNow(ctx, r.Stacks, stack)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "read the stack's events: %w", err)
	}
	if err := start(context.WithoutCancel(ctx)); err != nil {
		return outcome.Errorf(outcome.NeedsRecovery, "%w", err).
			Advise("look at it again with: deploy recover %s", r.Site.Environment)
	}
	follow := operation.Follower{Stacks: r.Stacks, View: r.View, Manifest: r.Site}
	end, failure, err := follow.FollowTo(ctx, stack, mark, want)
	if err != nil || end.Status == want || end.Status == status.DeleteComplete {
		return err
	}
	r.View.Failed(failure)
	reason := end.Reason
	if failure.Cause.Reason != "" {
		reason = failure.Cause.Reason
	}
	return outcome.Errorf(outcome.NeedsRecovery, "%s is %s: %s", r.Site.Site, end.Status, reason).
		Advise("remove the cause, then: deploy recover %s; it also says what can be skipped", r.Site.Environment)
}

// resourcesToSkip are what is to be skipped, as CloudFormation wants it named.
func (remedy *Remedy) resourcesToSkip() []string {
	var all []string
	for _, s := range remedy.BlockedBy {
		if s.Skipped {
			all = append(all, s.ResourceToSkip)
		}
	}
	return all
}

// resourcesToRetain are the logical ids of what is to be left behind in one stack.
func (remedy *Remedy) resourcesToRetain(s Stack) []string {
	var all []string
	for _, blocker := range remedy.BlockedBy {
		id := blocker.Name[strings.LastIndex(blocker.Name, "/")+1:]
		if blocker.Skipped && blocker.Name == s.name(id) {
			all = append(all, id)
		}
	}
	return all
}
