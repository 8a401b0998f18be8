package cfntest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func (a *Account) executeChangeSet(in *cloudformation.ExecuteChangeSetInput) (*cloudformation.ExecuteChangeSetOutput, error) {
	out := &cloudformation.ExecuteChangeSetOutput{}
	c, err := a.findChangeSet(in.ChangeSetName, in.StackName)
	if err != nil {
		return nil, err
	}
	token := aws.ToString(in.ClientRequestToken)
	switch {
	case c.status != types.ChangeSetStatusCreateComplete:
		return nil, coded("InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current status of [%s]", c.id, c.status)
	case c.execution != types.ExecutionStatusAvailable:
		return nil, coded("InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current execution status of [%s]", c.id, c.execution)
	case c.stack.running():
		return nil, invalid("Stack:%s is in %s state and can not be updated.", c.stack.id, c.stack.status)
	}
	s := c.stack
	s.staleUntil, s.staleStatus, s.staleEvents = a.timeline.now.Add(a.settings.staleFor), s.status, len(s.events)
	c.execution = types.ExecutionStatusExecuteInProgress
	s.disableRollback = aws.ToBool(in.DisableRollback) || c.options.onStackFailure == types.OnStackFailureDoNothing
	s.changeSet, s.updated = c, a.timeline.now
	a.supersede(s, c)
	a.begin(s, c.create, c.next, token, func(failed bool) { a.executed(c, failed) })
	return out, nil
}

// supersede drops the other change sets of a stack that could be executed when one of them is; with an option they stay and are
// obsolete. Those that failed stay, in nested stacks too.
func (a *Account) supersede(s *stack, executed *changeSet) {
	if a.settings.keepsOthers {
		a.makeObsolete(s, executed)
		return
	}
	for _, c := range a.changeSetsOf(s) {
		if c != executed && c.parent == nil && c.execution == types.ExecutionStatusAvailable {
			a.dropChangeSets(c)
		}
	}
}

// begin creates or updates a root stack, to the end of the operation.
func (a *Account) begin(s *stack, create bool, next version, token string, ended func(failed bool)) {
	if create {
		next.outputs = nil
		s.version = next
		s.resources = map[string]*resource{}
		a.create(s, token, func(failure string) { ended(failure != "") })
		return
	}
	a.update(s, next, token, func(failure string) {
		if failure != "" {
			ended(true)
			return
		}
		a.cleanUp(s, func() { ended(false) })
	})
}

// deletable are the states of a change set that nothing is being done with.
func (c *changeSet) deletable() bool {
	return c.execution != types.ExecutionStatusExecuteInProgress && c.execution != types.ExecutionStatusExecuteComplete
}

func (c *changeSet) deleting() bool {
	return c.status == types.ChangeSetStatusDeletePending || c.status == types.ChangeSetStatusDeleteInProgress
}

// deleteChangeSet deletes a root change set, and those nested in it in their own time. A missing one is not an error.
func (a *Account) deleteChangeSet(in *cloudformation.DeleteChangeSetInput) (*cloudformation.DeleteChangeSetOutput, error) {
	out := &cloudformation.DeleteChangeSetOutput{}
	c, err := a.findChangeSet(in.ChangeSetName, in.StackName)
	if refused, ok := err.(*apiError); ok && refused.code == "ChangeSetNotFound" {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	if c.parent != nil || !c.deletable() {
		return nil, coded("InvalidChangeSetStatus", "ChangeSet [%s] cannot be deleted in its current status of [%s]", c.id, c.status)
	}
	if len(c.children) == 0 {
		a.dropChangeSets(c)
		return out, nil
	}
	for _, each := range c.tree() {
		each.status = types.ChangeSetStatusDeletePending
	}
	a.timeline.after(time.Second, func() {
		for _, each := range c.tree() {
			each.status = types.ChangeSetStatusDeleteInProgress
		}
	})
	a.timeline.after(2*time.Second, func() { a.dropChangeSets(c) })
	return out, nil
}

// dropChangeSets forgets a tree of change sets, and with it the nested stacks that only it had put in review.
func (a *Account) dropChangeSets(root *changeSet) {
	tree := root.tree()
	a.changeSets = slices.DeleteFunc(a.changeSets, func(c *changeSet) bool { return slices.Contains(tree, c) })
	for _, c := range tree {
		if c.parent != nil && c.madeStack && c.stack.status == inReview && len(a.changeSetsOf(c.stack)) == 0 {
			a.say(c.stack, deleteComplete, "")
			c.stack.deleted = a.timeline.now
		}
	}
}
