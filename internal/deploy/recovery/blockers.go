package recovery

import (
	"cmp"
	"slices"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
)

// rollbackFailures is what the rollback failed on. CloudFormation lets nothing else be skipped: neither what failed in
// the update itself and was not sent back yet, nor what was only cancelled because something else had failed. So the
// events since the rollback began tell, of every stack of the tree, not the resources' statuses.
func (s State) rollbackFailures() []Blocker {
	var all []Blocker
	for _, stack := range s.Stacks {
		if stack.Status != status.UpdateRollbackFailed {
			continue
		}
		seen := map[string]bool{}
		for _, e := range stack.RollbackEvents {
			if e.OfStack() || seen[e.LogicalID] {
				continue
			}
			seen[e.LogicalID] = true
			nested := e.Type == events.StackType && !s.gone(stack, e.LogicalID)
			if e.Status == status.UpdateFailed && !e.Cancelled() && !nested {
				all = append(all, stack.blocker(e.LogicalID, e.Type, e.Reason))
			}
		}
	}
	return sortByName(all)
}

// undeleted is what could not be deleted, in the whole tree.
func (s State) undeleted() []Blocker {
	var all []Blocker
	for _, stack := range s.Stacks {
		for _, r := range stack.Resources {
			if r.Status == status.DeleteFailed && (r.Type != events.StackType || s.gone(stack, r.LogicalID)) {
				all = append(all, stack.blocker(r.LogicalID, r.Type, r.Reason))
			}
		}
	}
	return sortByName(all)
}

// gone reports whether a nested stack is not there any more: somebody deleted it beside its parent, and only then is it
// right to skip a whole stack.
func (s State) gone(parent Stack, logicalID string) bool {
	path := parent.Path.Child(logicalID)
	return slices.ContainsFunc(s.Stacks, func(c Stack) bool { return c.Gone && slices.Equal(c.Path, path) })
}

func (s Stack) blocker(id, kind, reason string) Blocker {
	skip := id
	if len(s.Path) > 0 {
		skip = s.Name + "." + id
	}
	return Blocker{
		Name:           s.name(id),
		ResourceToSkip: skip,
		Type:           kind,
		Reason:         reason,
		Stateful:       changeset.Holds(nil).Data(s.Path, id, kind),
	}
}

// name is how a person names a resource: its place in the tree.
func (s Stack) name(id string) string {
	return s.Path.Resource(id).String()
}

func sortByName(all []Blocker) []Blocker {
	slices.SortFunc(all, func(a, b Blocker) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// protections are what keeps what is still there from being deleted, as the deployed templates say: a database, a load
// balancer (a production site has both), and the root stack's own.
func (s State) protections() []Protection {
	var all []Protection
	if s.root().Protected {
		all = append(all, Protection{Name: s.Site, Type: events.StackType, Identifier: s.root().ID})
	}
	for _, stack := range s.Stacks {
		for _, r := range stack.Resources {
			if present(r) && stack.Template.Resource(r.LogicalID).DeletionProtected() {
				all = append(all, Protection{stack.name(r.LogicalID), r.Type, r.PhysicalID})
			}
		}
	}
	return all
}

func present(r cfn.Resource) bool { return !r.Gone() && r.Type != events.StackType }
