package cfntest

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// ending is why a stack's resources are deleted.
type ending int

const (
	forGood ending = iota // the stack is deleted
	undo                  // the operation that created them is rolled back
)

// delete begins to delete a stack. It calls ended when it is deleted, or with the failure.
func (a *Account) delete(s *stack, why ending, retain []string, token string, ended func(failure string)) {
	was := s.status
	a.operate(s, types.OperationTypeDeleteStack, token)
	a.say(s, "DELETE_IN_PROGRESS", byUser(s))
	if reason := a.inUse(s); reason != "" {
		a.timeline.after(time.Second, func() {
			a.say(s, was, reason)
			s.rest(true)
			ended(reason)
		})
		return
	}
	a.deleteResources(s, why, retain, func(failed []string) {
		if reason := failures("delete", failed); reason != "" {
			a.say(s, "DELETE_FAILED", reason)
			s.rest(true)
			ended(reason)
			return
		}
		a.say(s, deleteComplete, "")
		s.deleted, s.outputs, s.imports = a.timeline.now, nil, nil
		a.forgetChangeSets(s)
		s.rest(false)
		ended("")
	})
}

// deleteResources deletes all resources of a stack, each before those that it needs.
func (a *Account) deleteResources(s *stack, why ending, retain []string, end func(failed []string)) {
	definitions := map[string]map[string]any{}
	for id, r := range s.resources {
		if r.physicalID != "" {
			definitions[id] = r.definition
		}
	}
	p := a.run(s, reversed(waits(definitions)), func(id string, done func(string)) func() {
		r := s.resources[id]
		policy := deletionPolicy(r)
		if why == undo {
			policy = undone(policy)
		}
		if slices.Contains(retain, id) {
			policy = "Retain"
		}
		a.deleteResource(s, r, policy, func(failure string) {
			if failure == "" {
				delete(s.resources, id)
			}
			done(failure)
		})
		return nil
	}, end)
	p.lenient = true
}

// deleteResource deletes one resource, or retains it if its policy says so. A nested stack is always deleted, for the same reason as
// its parent.
func (a *Account) deleteResource(s *stack, r *resource, policy string, done func(string)) {
	gone := *r
	r = &gone
	if held := s.resources[r.logicalID]; held != nil && held.physicalID == r.physicalID {
		s.resources[r.logicalID] = r
	}
	if policy == "Retain" || policy == "RetainExceptOnCreate" {
		a.tell(s, r, "DELETE_SKIPPED", "")
		done("")
		return
	}
	a.tell(s, r, "DELETE_IN_PROGRESS", "")
	end := func(failure string) {
		if failure != "" {
			a.tell(s, r, "DELETE_FAILED", failure)
		} else {
			a.tell(s, r, deleteComplete, "")
			a.gone = append(a.gone, Gone{s.address(r.logicalID), r.physicalID, policy == "Snapshot"})
		}
		done(failure)
	}
	if r.kind != stackType {
		a.work(s, r, Deleting, end)
		return
	}
	child := a.child(r)
	if child == nil || child.status == deleteComplete {
		end("")
		return
	}
	why := forGood
	if s.operation.kind == types.OperationTypeRollback {
		why = undo
	}
	child.whenIdle(func() {
		a.delete(child, why, nil, s.operation.token, func(failure string) {
			if failure != "" {
				failure = fmt.Sprintf("Embedded stack %s was not successfully deleted: %s", child.id, failure)
			}
			end(failure)
		})
	})
}
