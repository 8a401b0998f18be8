package recovery

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/inventory"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/manifest"
)

// Stacks is what [Recover] needs of CloudFormation.
type Stacks interface {
	operation.Stacks
	inventory.Stacks
	ChangeSetsOf(ctx context.Context, stack string) ([]cfn.ChangeSetSummary, error)
	Delete(ctx context.Context, stack, token string) error
	DeleteRetaining(ctx context.Context, stack string, leave []string, token string) error
	RollbackStack(ctx context.Context, stack, token string) error
	ContinueUpdateRollback(ctx context.Context, stack string, skip []string, token string) error
	Unprotect(ctx context.Context, stack string) error
	Gone(ctx context.Context, name string) (ids []string, err error)
	Holder(ctx context.Context, physicalID string) (stack string, err error)
}

// View shows a recovery to whoever runs it.
type View interface {
	operation.View
	Inventory(i *inventory.Inventory)
	Remedy(site string, remedy *Remedy)
	Type(ctx context.Context, question, word, instead string) (bool, error)
}

// Recover brings a stack into a state that a deployment can start from.
type Recover struct {
	Site            *manifest.Manifest
	Stacks          Stacks
	Identify        func(context.Context) (account.Caller, error)
	Unprotect       func(ctx context.Context, p Protection) error // turns the deletion protection of a resource off
	Leftovers       LeftoverService                               // of what failed creations left behind; nil looks at nothing
	View            View
	DeleteLeftovers bool     // delete what creations that never served left behind
	Yes             bool     // do not ask; not enough to delete a production site or to turn a protection off
	Skip            []string // what is to be given up, see [Choose]
	Token           string   // unique for this run
}

// Run recovers. Nil is done, or nothing to do.
func (r *Recover) Run(ctx context.Context) error {
	state, err := r.readState(ctx)
	if err != nil {
		return err
	}
	remedy, err := Choose(state, r.Skip)
	if err != nil {
		return err
	}
	if remedy.Action == condition.Watch {
		r.View.Remedy(r.Site.Site, remedy)
		return outcome.Errorf(outcome.Failed, "an operation on %s is running (%s)", r.Site.Site, remedy.Status).
			Advise("%s", remedy.Next)
	}
	leftovers, err := r.leftovers(ctx, state, remedy)
	switch {
	case err != nil && (r.DeleteLeftovers || ctx.Err() != nil):
		return err
	case err != nil: // who may recover need not be one who may list everything
		r.View.Step("what failed creations left behind could not be looked up: " + cfn.Message(err))
	}
	remedy.addLeftovers(leftovers.all, r.DeleteLeftovers)
	r.View.Remedy(r.Site.Site, remedy)
	if err := r.checkNeverServed(state, remedy, leftovers); err != nil {
		return err
	}
	switch {
	case remedy.Action == condition.Refuse:
		return outcome.Errorf(outcome.Refused, "%s is %s, and is left as it is: %s", r.Site.Site, remedy.Status, remedy.Meaning).
			Advise("%s", remedy.Next)
	case remedy.Action == condition.None && !remedy.DeleteLeftovers:
		text := r.Site.Site + " needs no recovery" + r.leftoversHint(remedy)
		if r.DeleteLeftovers && len(leftovers.all) == 0 {
			text += "\nnothing is left of creations that failed, so nothing was deleted"
		}
		r.View.Done(text)
		return r.errUnsure(remedy.Leftovers)
	}
	if err := r.confirm(ctx, state, remedy); err != nil {
		return err
	}
	return r.carryOut(ctx, state, remedy)
}

// carryOut does what was agreed to: the steps, then the deletion of what was shown as left behind.
func (r *Recover) carryOut(ctx context.Context, s State, remedy *Remedy) error {
	if remedy.Status != "" {
		if err := r.checkUnchanged(ctx, s); err != nil {
			return err
		}
	}
	var done []string
	if remedy.Action != condition.None {
		text, err := r.execute(ctx, s, remedy)
		if err != nil {
			return err
		}
		done = append(done, text+r.leftoversHint(remedy))
	}
	if remedy.DeleteLeftovers {
		text, err := r.clearLeftovers(ctx, s, remedy)
		if err != nil {
			return err
		}
		done = append(done, text)
	}
	r.View.Done(strings.Join(done, "\n"))
	return r.errUnsure(remedy.Leftovers)
}

// checkUnchanged looks once more before anything is done: somebody may have gone another way while the question was
// open. A stack that was only planned may run by now, under the same id.
func (r *Recover) checkUnchanged(ctx context.Context, s State) error {
	root := s.root()
	now, err := r.Stacks.Stack(ctx, root.ID)
	var pending []cfn.ChangeSetSummary
	if err == nil && now.Status == status.ReviewInProgress {
		pending, err = r.Stacks.ChangeSetsOf(ctx, root.ID)
	}
	if err != nil {
		return outcome.Errorf(outcome.Failed, "look once more: %w", err)
	}
	same := slices.EqualFunc(pending, s.Pending, func(a, b cfn.ChangeSetSummary) bool { return a.ID == b.ID })
	if now.Status != root.Status || !same {
		return outcome.Errorf(outcome.Refused, "%s has changed in the meantime: it was %s and is %s", r.Site.Site, statusText(root.Status, s.Pending), statusText(now.Status, pending)).
			Advise("look again: deploy recover %s", r.Site.Environment)
	}
	return nil
}

func statusText(now status.Status, pending []cfn.ChangeSetSummary) string {
	if len(pending) == 0 {
		return string(now)
	}
	return fmt.Sprintf("%s with %d change sets", now, len(pending))
}

func (r *Recover) readState(ctx context.Context) (State, error) {
	caller, err := r.Identify(ctx)
	if err != nil {
		return State{}, err
	}
	s := State{Site: r.Site.Site, Environment: r.Site.Environment, Production: r.Site.Production, Caller: caller.Name()}
	root, err := r.Stacks.Stack(ctx, r.Site.Site)
	switch {
	case cfn.IsNotFound(err):
		return s, nil
	case err == nil:
		if err := ownership.Check(ctx, r.Stacks, r.Site, root); err != nil {
			return s, err
		}
	}
	switch {
	case err == nil && root.Status == status.ReviewInProgress:
		s.Stacks = []Stack{{Stack: root}}
		s.Pending, err = r.Stacks.ChangeSetsOf(ctx, root.ID)
	case err == nil && !root.Running():
		s.Stacks, err = read(ctx, r.Stacks, root)
	case err == nil:
		s.Stacks = []Stack{{Stack: root}}
	}
	if err != nil {
		return s, outcome.Errorf(outcome.Failed, "look at %s: %w", r.Site.Site, err)
	}
	return s, nil
}

// asksForName reports whether a protection is removed only after the site's name was typed. The termination protection
// of a site whose creation was never completed is not worth that: it was turned on before anything was there.
func (s State) asksForName(p Protection) bool {
	return p.Type != events.StackType || !s.root().Status.NeverServed()
}

// confirm shows what will be lost and asks. What deletes a production site, or lifts a protection, wants the site's
// name.
func (r *Recover) confirm(ctx context.Context, s State, remedy *Remedy) error {
	if remedy.Action.Deletes() && s.root().Status != status.ReviewInProgress {
		logGroup := r.Site.Application.OrDefaults().Outputs.LogGroup
		lost, err := inventory.Take(ctx, r.Stacks, s.root().Stack, r.Site.HoldsData, logGroup)
		if err != nil {
			return outcome.Errorf(outcome.Failed, "see what would be lost: %w", err)
		}
		remedy.markRetained(lost)
		if len(lost.Holdings) > 0 {
			r.View.Inventory(lost)
		}
	}
	strict := slices.ContainsFunc(remedy.Unprotect, s.asksForName) ||
		s.Production && (remedy.DeleteLeftovers || remedy.Action.Deletes() && s.root().Status == status.DeleteFailed)
	if strict || remedy.DeleteLeftovers && !r.Yes {
		instead := "--yes"
		if strict {
			instead = ""
		}
		typed, err := r.View.Type(
			ctx,
			fmt.Sprintf("To do all of this, type the site's name (%s):", r.Site.Site),
			r.Site.Site,
			instead,
		)
		if err == nil && !typed {
			return outcome.Errorf(outcome.Refused, "not recovered: the name was not typed")
		}
		return err
	}
	if r.Yes {
		return nil
	}
	if err := r.View.CanAsk("--yes"); err != nil {
		return err
	}
	yes, err := r.View.Confirm(ctx, "Do this?")
	if err == nil && !yes {
		return outcome.Errorf(outcome.Refused, "not recovered: it was not confirmed")
	}
	return err
}
