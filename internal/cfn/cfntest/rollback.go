package cfntest

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// rollBack sends an update that failed back, or leaves it as it is when the caller wanted to look at it. told hears why at once.
func (a *Account) rollBack(s *stack, reason string, told func(failure string)) {
	if s.disableRollback && !s.operation.cancelled {
		a.say(s, "UPDATE_FAILED", reason)
		s.rest(true)
		told(reason)
		return
	}
	a.sendBack(s, reason)
	told(reason)
}

// sendBack begins to restore what a stack was before its update.
func (a *Account) sendBack(s *stack, reason string) {
	a.operate(s, types.OperationTypeRollback, s.operation.token)
	a.say(s, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
	a.restore(s)
	a.revert(s)
}

// restore puts the version from before into place. A resource that was touched stays as it is until it has been reverted; what
// the update created, and what it put in the place of something else, is for the cleanup.
func (a *Account) restore(s *stack) {
	current := s.resources
	s.version = *s.before.copy()
	s.leftovers = nil
	for _, id := range sortedKeys(current) {
		r := current[id]
		touched := s.touched[id]
		if r.physicalID != "" && (touched == createdIt || touched == replacedIt) {
			s.leftovers = append(s.leftovers, leftover{r, undone(deletionPolicy(r))})
		}
		if touched == createdIt {
			delete(s.touched, id)
		}
	}
}

// undone is a policy when the operation that created the resource is taken back.
func undone(policy string) string {
	if policy == "RetainExceptOnCreate" {
		return "Delete"
	}
	return policy
}

// revert sends back each resource that is still touched.
func (a *Account) revert(s *stack) {
	definitions := map[string]map[string]any{}
	for id := range s.touched {
		if s.resources[id] != nil {
			definitions[id] = s.resources[id].definition
		}
	}
	for id, r := range s.resources { // every nested stack shows up, as in an update
		if r.kind == stackType {
			definitions[id] = r.definition
		}
	}
	a.run(s, waits(definitions), func(id string, done func(string)) func() {
		a.revertResource(s, id, done)
		return nil
	}, func(failed []string) {
		if len(failed) > 0 {
			a.say(s, "UPDATE_ROLLBACK_FAILED", failures("update", failed))
			s.rest(true)
			return
		}
		a.say(s, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "")
		s.rest(true)
		if !s.nested() {
			a.cleanUp(s, func() {})
		}
	})
}

func (a *Account) revertResource(s *stack, id string, done func(string)) {
	r := a.exchange(s, s.resources[id], s.resources[id].definition, s.resources[id].properties)
	end := a.updated(s, r, func(failure string) {
		if failure == "" {
			delete(s.touched, id)
		}
		done(failure)
	})
	if slices.Contains(s.root().operation.skip, s.skipName(id)) {
		end("")
		return
	}
	a.tell(s, r, "UPDATE_IN_PROGRESS", "")
	if r.kind == stackType {
		a.revertNested(a.child(r), end)
		return
	}
	a.work(s, r, RollingBack, end)
}

// skipName is how ContinueUpdateRollback names a resource: in a nested stack, behind that stack's name.
func (s *stack) skipName(id string) string {
	if s.nested() {
		return s.name + "." + id
	}
	return id
}

// revertNested sends a nested stack back, or waits until it has sent itself back. One that its update left alone is done.
func (a *Account) revertNested(child *stack, end func(failure string)) {
	settled := func() {
		if strings.HasSuffix(child.status, "_FAILED") {
			end(embedded(child, child.reason))
			return
		}
		end("")
	}
	child.whenIdle(func() {
		switch child.status {
		case "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_FAILED":
			a.sendBack(child, "")
		case "UPDATE_ROLLBACK_FAILED":
			if child.root().operation.kind == types.OperationTypeContinueRollback {
				a.continueRollback(child, child.root().operation.token)
			}
		}
		child.whenIdle(settled)
	})
}

// continueRollback goes on where a rollback failed.
func (a *Account) continueRollback(s *stack, token string, skip ...string) {
	a.operate(s, types.OperationTypeContinueRollback, token)
	s.operation.skip = skip
	a.say(s, "UPDATE_ROLLBACK_IN_PROGRESS", byUser(s))
	a.revert(s)
}

// stuckResources are the names of all that a continued rollback may skip: what failed to go back.
func (a *Account) stuckResources(s *stack) map[string]bool {
	all := map[string]bool{}
	for _, id := range sortedKeys(s.resources) {
		r := s.resources[id]
		if r.status != "UPDATE_FAILED" {
			continue
		}
		all[s.skipName(id)] = true
		if r.kind == stackType {
			maps.Copy(all, a.stuckResources(a.child(r)))
		}
	}
	return all
}
