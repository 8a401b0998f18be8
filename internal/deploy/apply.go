package deploy

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/deploy/plan"
)

// Apply executes a saved plan, if it is still true: everything in it is read again.
type Apply struct {
	*Target   // its site is the plan's manifest, without any file
	Plan      *plan.Plan
	Accepted  []gate.Acceptance // beside those of the plan
	Upgrade   bool              // let nodes upgrade the database, whether or not the plan was made so
	Fetch     Fetch
	Again     Again // nil does not look
	Databases Databases
	Consent   Consent
}

// Run applies. A plan that no longer holds is refused with the reason, and left where it is.
func (a *Apply) Run(ctx context.Context) error {
	if err := a.Consent.checkSiteName(a.Plan.Manifest); err != nil {
		return err
	}
	caller, err := a.Identify(ctx)
	if err != nil {
		return err
	}
	if caller.Account != a.Plan.Account {
		return stale(
			"it was made in account %s, and these credentials are of account %s", a.Plan.Account, caller.Account,
		)
	}
	a.View.Step("reading the plan again")
	stack, cursor, err := a.same(ctx)
	if err != nil {
		return err
	}
	restored := *a.Plan
	again := &draft{Plan: &restored, caller: caller, before: stack, cursor: cursor, kept: true}
	if err := again.AllowUpgrade(a.Upgrade); err != nil {
		return err
	}
	if err := a.recheck(ctx, again); err != nil {
		return err
	}
	again.AcceptAgain(a.Accepted)
	return (&executor{a.Target, a.Databases, a.Consent}).run(ctx, again)
}

// stale refuses a plan.
func stale(format string, args ...any) error {
	err := outcome.Errorf(outcome.Refused, "the saved plan is no longer valid: "+format, args...)
	return err.Advise("nothing was deployed; make a new plan and look at it")
}

// errExecuted is in the chain of the error about a plan that was applied before.
var errExecuted = errors.New("it has been executed already")

// same reads everything again that the plan hangs on. Of several reasons that it no longer holds, it gives the one that
// explains the others.
func (a *Apply) same(ctx context.Context) (stack cfn.Stack, mark events.Cursor, err error) {
	var ofStack, ofChanges, ofTemplates, ofEvents error
	var all sync.WaitGroup
	all.Go(func() { stack, ofStack = a.sameStack(ctx) })
	if !a.Plan.Create {
		all.Go(func() { mark, ofEvents = events.CursorNow(ctx, a.Stacks, a.Plan.StackID) })
	}
	all.Go(func() { ofChanges = a.sameChanges(ctx) })
	all.Go(func() { ofTemplates = a.sameTemplates(ctx) })
	all.Wait()
	if errors.Is(ofChanges, errExecuted) {
		return stack, mark, ofChanges
	}
	return stack, mark, cmp.Or(ofStack, ofChanges, ofTemplates, ofEvents)
}

// sameStack looks whether the root is as it was when the plan was made.
func (a *Apply) sameStack(ctx context.Context) (cfn.Stack, error) {
	p := a.Plan
	stack, err := a.Stacks.Stack(ctx, p.Manifest.Site)
	switch {
	case cfn.IsNotFound(err):
		return stack, stale("stack %s does not exist any more", p.Manifest.Site)
	case err != nil:
		return stack, outcome.Errorf(outcome.Failed, "%w", err)
	case stack.ID != p.StackID:
		return stack, stale("stack %s was deleted and made again", p.Manifest.Site)
	}
	if err := ownership.Check(ctx, a.Stacks, a.Site.Manifest, stack); err != nil {
		return stack, err
	}
	state, err := operation.StateOf(stack, a.Site.Environment)
	switch {
	case err != nil:
		return stack, err
	case p.Create != (state == operation.AwaitingFirstPlan):
		return stack, stale("stack %s is %s now", stack.Name, stack.Status)
	case !p.Create && !stack.Updated.Equal(p.Updated):
		return stack, stale(
			"stack %s was updated at %s", stack.Name, stack.Updated.UTC().Format("2006-01-02 15:04:05 UTC"),
		)
	}
	return stack, nil
}

// sameChanges looks whether CloudFormation still plans what the file says, in every stack of the tree.
func (a *Apply) sameChanges(ctx context.Context) error {
	p := a.Plan
	id := p.Changes.ChangeSetID
	root, err := a.Stacks.ChangeSet(ctx, id, false)
	switch {
	case cfn.IsNotFound(err):
		return stale("its change set is gone: it was deleted, or another one was executed")
	case err != nil:
		return outcome.Errorf(outcome.Failed, "%w", err)
	case changeset.StateOf(root) == changeset.Gone:
		return stale("its change set is %s", root.Status)
	case root.ExecutionStatus == types.ExecutionStatusExecuteComplete,
		root.ExecutionStatus == types.ExecutionStatusExecuteInProgress:
		return stale("%w (%s)", errExecuted, root.ExecutionStatus)
	case root.ExecutionStatus != types.ExecutionStatusAvailable:
		return stale("its change set is %s: the stack has changed since", root.ExecutionStatus)
	}
	description, err := changeset.Read(ctx, a.Stacks, id, nil)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "read the plan again: %w", err)
	}
	if failures := changeset.Failures(description); len(failures) > 0 {
		return stale("%v", cannot(p.Manifest.Site, failures[0]))
	}
	if err := errMovedOn(description); err != nil {
		return err
	}
	now := changeset.Build(description, p.Manifest.HoldsData)
	if p.Fallback != nil {
		now = withNested(now, p.Changes.Children)
	}
	if !sameModel(now, p.Changes) {
		return stale("CloudFormation now says something else about what would change")
	}
	return nil
}

// errMovedOn finds a nested change set that its stack has moved on from. One that still holds is unavailable, or was
// unchanged.
func errMovedOn(d *changeset.Description) error {
	for _, id := range slices.Sorted(maps.Keys(d.Children)) {
		child := d.Children[id]
		if status := child.Plain.ExecutionStatus; status != types.ExecutionStatusUnavailable && status != "" {
			return stale("the change set of nested stack %s is %s: that stack has changed since", id, status)
		}
		if err := errMovedOn(child); err != nil {
			return err
		}
	}
	return nil
}

// sameTemplates looks whether what is deployed in nested stacks is what was compared, if anything was.
func (a *Apply) sameTemplates(ctx context.Context) error {
	if a.Plan.Fallback == nil {
		return nil
	}
	ids, err := reader{a.Target}.nestedIDs(ctx, a.Plan.StackID)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	for _, path := range slices.Sorted(maps.Keys(a.Plan.Fallback.Deployed)) {
		now, err := reader{a.Target}.deployedTemplate(ctx, ids[path])
		if err != nil {
			return outcome.Errorf(outcome.Failed, "read the template of %s again: %w", path, err)
		}
		if checksumOf(now) != a.Plan.Fallback.Deployed[path] {
			return stale("the template of %s is another one now than that which was compared", path)
		}
	}
	return nil
}

// sameModel compares two trees of changes, whatever their order. Neither is changed.
func sameModel(a, b *changeset.Stack) bool {
	x, errX := json.Marshal(sorted(a))
	y, errY := json.Marshal(sorted(b))
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func sorted(s *changeset.Stack) *changeset.Stack {
	out := *s
	out.Items = slices.SortedFunc(
		slices.Values(s.Items), func(a, b changeset.Item) int { return cmp.Compare(a.LogicalID, b.LogicalID) },
	)
	out.Children = nil
	for _, child := range s.Children {
		out.Children = append(out.Children, sorted(child))
	}
	slices.SortFunc(out.Children, func(a, b *changeset.Stack) int { return cmp.Compare(a.LogicalID(), b.LogicalID()) })
	return &out
}
