package deploy

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/acceptfile"
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
	Accepted  []gate.Acceptance // those of the plan decide nothing
	Reviewed  *acceptfile.File  // the site's accept file, read here; nil has no entry
	Upgrade   bool              // let nodes upgrade the database: the order is given here, whatever the plan says
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
	if err := cmp.Or(a.checkPlace(), a.checkOrder()); err != nil {
		return err
	}
	a.View.Step("reading the plan again")
	stack, cursor, described, err := a.same(ctx)
	if err != nil {
		return err
	}
	state, err := operation.StateOf(stack, a.Site.Environment)
	if err != nil {
		return err
	}
	current := currentState{caller: caller, stack: stack, status: state}
	tree, err := a.readTree(ctx, current)
	if err != nil {
		return unread(err)
	}
	again := &draft{Plan: a.restored(), caller: caller, before: stack, cursor: cursor, kept: true}
	if again.Changes, err = a.sameChanges(described, current, tree); err != nil {
		return err
	}
	if err := a.judge(ctx, current, again, tree); err != nil {
		return err
	}
	return (&executor{a.Target, a.Databases, a.Consent}).run(ctx, again)
}

// restored is the plan without what the file says of gates: that is worked out again.
func (a *Apply) restored() *plan.Plan {
	p := *a.Plan
	p.Findings, p.Accepted, p.Opens, p.Notes, p.Upgrade = nil, nil, nil, nil, nil
	return &p
}

// unread wraps an error of a look at the account; one that refuses the plan stays as it is.
func unread(err error) error {
	if outcome.CodeOf(err) == outcome.Refused {
		return err
	}
	return outcome.Errorf(outcome.Failed, "check what has changed since the plan was made: %w", err).
		Advise("nothing was deployed; try again")
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
func (a *Apply) same(ctx context.Context) (
	stack cfn.Stack, mark events.Cursor, described *changeset.Description, err error,
) {
	var ofStack, ofChanges, ofEvents error
	var all sync.WaitGroup
	all.Go(func() { stack, ofStack = a.sameStack(ctx) })
	if !a.Plan.Create {
		all.Go(func() { mark, ofEvents = events.CursorNow(ctx, a.Stacks, a.Plan.StackID) })
	}
	all.Go(func() { described, ofChanges = a.describe(ctx) })
	all.Wait()
	if errors.Is(ofChanges, errExecuted) {
		return stack, mark, nil, ofChanges
	}
	return stack, mark, described, cmp.Or(ofStack, ofChanges, ofEvents)
}

// checkPlace refuses a plan whose parts name several sites or places: it was put together by hand.
func (a *Apply) checkPlace() error {
	p := a.Plan
	id, err := arn.Parse(p.StackID)
	switch {
	case err != nil || !strings.HasPrefix(id.Resource, "stack/"+p.Manifest.Site+"/"):
		return stale("it is of site %s, and its stack is %q", p.Manifest.Site, p.StackID)
	case id.AccountID != p.Account:
		return stale("it is of account %s, and its stack of account %s", p.Account, id.AccountID)
	case id.Region != p.Region || id.Region != p.Manifest.Region:
		return stale("it is of region %s, its manifest of %s, and its stack of %s", p.Region, p.Manifest.Region, id.Region)
	case p.Changes.StackID != p.StackID:
		return stale("its change set is of stack %s, and not of %s", p.Changes.StackID, p.StackID)
	}
	return nil
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

// describe reads the change set again, with those of nested stacks, if it can still be executed.
func (a *Apply) describe(ctx context.Context) (*changeset.Description, error) {
	p := a.Plan
	id := p.Changes.ChangeSetID
	root, err := a.Stacks.ChangeSet(ctx, id, false)
	switch {
	case cfn.IsNotFound(err):
		return nil, stale("its change set is gone: it was deleted, or another one was executed")
	case err != nil:
		return nil, outcome.Errorf(outcome.Failed, "%w", err)
	case changeset.StateOf(root) == changeset.Gone:
		return nil, stale("its change set is %s", root.Status)
	case root.ExecutionStatus == types.ExecutionStatusExecuteComplete,
		root.ExecutionStatus == types.ExecutionStatusExecuteInProgress:
		return nil, stale("%w (%s)", errExecuted, root.ExecutionStatus)
	case root.ExecutionStatus != types.ExecutionStatusAvailable:
		return nil, stale("its change set is %s: the stack has changed since", root.ExecutionStatus)
	}
	if aws.ToBool(root.IncludeNestedStacks) != (p.Fallback == nil) {
		return nil, stale("it and its change set differ in whether CloudFormation has planned nested stacks")
	}
	says := aws.ToString(root.Description)
	if environment, own := ownership.EnvironmentOf(says); !own || environment != p.Manifest.Environment {
		return nil, stale("its manifest is of environment %s, and its change set says: %s", p.Manifest.Environment, says)
	}
	description, err := changeset.Read(ctx, a.Stacks, id, nil)
	if err != nil {
		return nil, outcome.Errorf(outcome.Failed, "read the plan again: %w", err)
	}
	if failures := changeset.Failures(description); len(failures) > 0 {
		return nil, stale("%v", cannot(p.Manifest.Site, failures[0]))
	}
	return description, errMovedOn(description)
}

// sameChanges returns what CloudFormation plans in every stack of the tree, if that is what the file says.
func (a *Apply) sameChanges(
	described *changeset.Description, current currentState, tree *accountTree,
) (*changeset.Stack, error) {
	now := changeset.Build(described, a.Site.HoldsData)
	if a.Plan.Fallback != nil {
		changes, compared, err := reader{a.Target}.compareChildren(current, tree.stacks, tree.ids, now)
		if err != nil {
			return nil, err
		}
		for _, path := range slices.Sorted(maps.Keys(a.Plan.Fallback.Deployed)) {
			if compared[path] != a.Plan.Fallback.Deployed[path] {
				return nil, stale("the template of %s is another one now than that which was compared", path)
			}
		}
		now = changes
	}
	inOrder(now, a.Site.Manifest)
	if !sameModel(now, a.Plan.Changes) {
		return nil, stale("CloudFormation now says something else about what would change")
	}
	return now, nil
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
