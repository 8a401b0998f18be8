package cfntest

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// rollBack rolls back a failed update, or leaves it as it is if the caller disabled rollback. It calls ended with the reason at once.
func (a *Account) rollBack(s *stack, reason string, ended func(failure string)) {
	if s.disableRollback && !s.operation.cancelled {
		a.say(s, "UPDATE_FAILED", reason)
		s.rest(true)
		ended(reason)
		return
	}
	a.sendBack(s, reason)
	ended(reason)
}

// sendBack begins to restore a stack's version before its update.
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

// undone returns a policy for the rollback of the operation that created the resource.
func undone(policy string) string {
	if policy == "RetainExceptOnCreate" {
		return "Delete"
	}
	return policy
}

// revert rolls back each resource that the update has changed.
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
	finish := func() {
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
		child.whenIdle(finish)
	})
}

// continueRollback continues a failed rollback.
func (a *Account) continueRollback(s *stack, token string, skip ...string) {
	a.operate(s, types.OperationTypeContinueRollback, token)
	s.operation.skip = skip
	a.say(s, "UPDATE_ROLLBACK_IN_PROGRESS", byUser(s))
	a.revert(s)
}

// skippable returns the names of the resources that a continued rollback may skip: those whose rollback failed.
func (a *Account) skippable(s *stack) map[string]bool {
	all := map[string]bool{}
	for _, id := range sortedKeys(s.resources) {
		r := s.resources[id]
		if r.status != "UPDATE_FAILED" {
			continue
		}
		all[s.skipName(id)] = true
		if r.kind == stackType {
			maps.Copy(all, a.skippable(a.child(r)))
		}
	}
	return all
}
