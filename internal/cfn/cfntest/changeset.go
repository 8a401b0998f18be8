package cfntest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// changeSet is one change set of a tree.
type changeSet struct {
	id, name, description string
	stack                 *stack
	create                bool // of a stack that is only in review
	nested                bool // it includes nested stacks
	created               time.Time
	status                types.ChangeSetStatus
	execution             types.ExecutionStatus
	reason                string
	warning               string // in place of the reason, in a description with values
	next                  version
	options               options
	changes               []types.Change // as described without values
	values                []types.Change // and with them
	parent                *changeSet
	children              []*changeSet
	planned               bool // its own changes are worked out
	nothing               bool // and are none
	madeStack             bool // it put its stack into review
}

// options are what a change set keeps for its description only.
type options struct {
	notifications  []string
	rollback       *types.RollbackConfiguration
	onStackFailure types.OnStackFailure
}

const (
	noChange     = "The submitted information didn't contain changes. Submit different information to create a change set."
	onlyFromRoot = "Only executable from the root change set."
)

// root is the change set at the top of the tree.
func (c *changeSet) root() *changeSet {
	for c.parent != nil {
		c = c.parent
	}
	return c
}

// broken reports whether the change set failed, other than for having nothing to change.
func (c *changeSet) broken() bool {
	return c.status == types.ChangeSetStatusFailed && c.reason != noChange
}

// done reports whether the change set is in its final state.
func (c *changeSet) done() bool {
	return c.status == types.ChangeSetStatusFailed || c.status == types.ChangeSetStatusCreateComplete
}

// tree is a change set and those nested in it.
func (c *changeSet) tree() []*changeSet {
	all := []*changeSet{c}
	for _, child := range c.children {
		all = append(all, child.tree()...)
	}
	return all
}

// changeSetsOf are the change sets that a stack has.
func (a *Account) changeSetsOf(s *stack) []*changeSet {
	var all []*changeSet
	for _, c := range a.changeSets {
		if c.stack == s {
			all = append(all, c)
		}
	}
	return all
}

// forgetChangeSets drops the change sets of a deleted stack, with the nested stacks that were never created.
func (a *Account) forgetChangeSets(s *stack) {
	for _, c := range a.changeSetsOf(s) {
		if c.parent == nil {
			a.dropChangeSets(c)
		}
	}
	a.changeSets = slices.DeleteFunc(a.changeSets, func(c *changeSet) bool { return c.stack == s })
}

// makeObsolete makes the other change sets of a stack obsolete, since the stack has changed since they were created.
func (a *Account) makeObsolete(s *stack, but *changeSet) {
	for _, c := range a.changeSetsOf(s) {
		if c.execution != types.ExecutionStatusAvailable || c.root() == but {
			continue
		}
		for _, each := range c.tree() {
			each.execution = types.ExecutionStatusObsolete
		}
	}
}

// executing marks the nested change set that an operation of the tree carries out.
func (a *Account) executing(s *stack) {
	root := s.root().changeSet
	for _, c := range a.changeSetsOf(s) {
		if c.root() == root && c.status == types.ChangeSetStatusCreateComplete {
			c.execution = types.ExecutionStatusExecuteInProgress
			s.changeSet = c
		}
	}
	a.makeObsolete(s, root)
}

// executed marks the end of the execution of a root change set.
func (a *Account) executed(root *changeSet, failed bool) {
	for _, c := range root.tree() {
		switch {
		case c.execution != types.ExecutionStatusExecuteInProgress:
		case failed:
			c.execution = types.ExecutionStatusExecuteFailed
		default:
			c.execution = types.ExecutionStatusExecuteComplete
		}
	}
}

// conclude sets a change set's final state, when all those nested in it have theirs or one has failed.
func (a *Account) conclude(c *changeSet) {
	if c.done() || c.deleting() {
		return
	}
	running := !c.planned
	for _, child := range c.children {
		if child.broken() {
			a.fail(c, "Nested change set "+child.id+" was not successfully created: Currently in FAILED.")
			return
		}
		running = running || !child.done()
	}
	switch {
	case running:
	case c.nothing:
		a.fail(c, noChange)
	case c.parent != nil:
		c.status, c.execution, c.reason = types.ChangeSetStatusCreateComplete, types.ExecutionStatusUnavailable, onlyFromRoot
		a.conclude(c.parent)
	default:
		c.status, c.execution = types.ChangeSetStatusCreateComplete, types.ExecutionStatusAvailable
	}
}

func (a *Account) fail(c *changeSet, reason string) {
	c.status, c.execution, c.reason = types.ChangeSetStatusFailed, types.ExecutionStatusUnavailable, reason
	if c.parent != nil {
		a.conclude(c.parent)
	}
}
