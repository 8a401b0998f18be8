package cfntest

import (
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// leftover is a resource that an update no longer wants, and the policy for it.
type leftover struct {
	*resource
	policy string
}

// update begins to update a stack to its next version. It calls ended when only the cleanup is left to do, or with the
// failure as soon as there is one.
func (a *Account) update(s *stack, next version, token string, ended func(failure string)) {
	a.operate(s, types.OperationTypeUpdateStack, token)
	if s.status != "UPDATE_FAILED" { // whose update has neither been completed nor rolled back
		s.before, s.touched, s.leftovers = s.version.copy(), map[string]touch{}, nil
	}
	next.resources, next.outputs = s.resources, s.outputs
	s.version, s.updated = next, a.timeline.now
	a.say(s, "UPDATE_IN_PROGRESS", byUser(s))
	wanted, err := a.prepare(s)
	if err != nil {
		a.timeline.after(time.Second, func() { a.rollBack(s, err.Error(), ended) })
		return
	}
	a.run(s, waits(wanted), func(id string, done func(string)) func() {
		return a.updateResource(s, id, wanted[id], done)
	}, func(failed []string) {
		reason := a.whyFailed(s, failed)
		if reason == "" {
			a.dropUnwanted(s, wanted)
			if err := a.giveOut(s); err != nil {
				reason = err.Error()
			}
		}
		if reason != "" {
			a.rollBack(s, reason, ended)
			return
		}
		a.say(s, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
		s.rest(false)
		ended("")
	})
}

// whyFailed words the end of an update that did not come to its end.
func (a *Account) whyFailed(s *stack, failed []string) string {
	if s.operation.cancelled {
		return byUser(s)
	}
	var created, updated []string
	for _, id := range failed {
		if s.touched[id] == createdIt {
			created = append(created, id)
		} else {
			updated = append(updated, id)
		}
	}
	return failures("create", created) + failures("update", updated)
}

// dropUnwanted takes what the template no longer has out of the stack; the cleanup deletes it.
func (a *Account) dropUnwanted(s *stack, wanted map[string]map[string]any) {
	for _, id := range sortedKeys(s.resources) {
		if wanted[id] == nil {
			s.leftovers = append(s.leftovers, leftover{s.resources[id], deletionPolicy(s.resources[id])})
			delete(s.resources, id)
		}
	}
}

// updateResource brings one resource to what the template says now. One that stays as it is has no events.
func (a *Account) updateResource(s *stack, id string, definition map[string]any, done func(string)) (cancel func()) {
	old := s.resources[id]
	if old == nil {
		s.touched[id] = createdIt
		return a.createResource(s, id, definition, done)
	}
	properties, err := a.scope(s).properties(definition)
	if err != nil {
		s.touched[id] = updatedIt
		a.tell(s, a.exchange(s, old, definition, old.properties), "UPDATE_FAILED", err.Error())
		done(err.Error())
		return nil
	}
	if old.kind == stackType {
		return a.updateNested(s, a.exchange(s, old, definition, properties), done)
	}
	tagged := taggable(old.kind) && !maps.Equal(old.tags, s.tags)
	if same(old.properties, properties) && !tagged {
		s.resources[id] = with(old, definition, old.properties, s.tags)
		done("")
		return nil
	}
	r := a.exchange(s, old, definition, properties)
	if a.recreation(r.kind, old.properties, properties) == types.RequiresRecreationAlways {
		return a.replace(s, old, r, done)
	}
	s.touched[id] = updatedIt
	a.tell(s, r, "UPDATE_IN_PROGRESS", "")
	return a.work(s, r, Updating, a.updated(s, r, func(failure string) {
		if failure != "" { // it is what it was, and the next update has it to do again
			a.exchange(s, r, old.definition, old.properties)
		}
		done(failure)
	}))
}

func with(r *resource, definition, properties map[string]any, tags map[string]string) *resource {
	next := *r
	next.definition, next.properties, next.tags = definition, properties, tags
	return &next
}

// exchange puts a copy with new properties into a resource's place.
func (a *Account) exchange(s *stack, old *resource, definition, properties map[string]any) *resource {
	r := with(old, definition, properties, s.tags)
	s.resources[r.logicalID] = r
	return r
}

func (a *Account) updated(s *stack, r *resource, done func(string)) func(string) {
	return func(failure string) {
		if failure != "" {
			a.tell(s, r, "UPDATE_FAILED", failure)
		} else {
			a.tell(s, r, "UPDATE_COMPLETE", "")
		}
		done(failure)
	}
}

// replace creates the new resource beside the old one, which the cleanup deletes (replacement.json).
func (a *Account) replace(s *stack, old, r *resource, done func(string)) (cancel func()) {
	s.touched[r.logicalID] = updatedIt
	a.tell(
		s, r, "UPDATE_IN_PROGRESS",
		"Requested update requires the creation of a new physical resource; hence creating one.",
	)
	if name := nameProperty(r.kind, r.properties); name != "" && r.properties[name] == old.properties[name] {
		failure := fmt.Sprintf(
			"CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename %s and update the stack again.",
			old.physicalID,
		)
		a.tell(s, r, "UPDATE_FAILED", failure)
		done(failure)
		return nil
	}
	s.touched[r.logicalID] = replacedIt
	a.initiate(s, r, "UPDATE_IN_PROGRESS")
	return a.work(s, r, Updating, a.updated(s, r, func(failure string) {
		if failure == "" {
			s.leftovers = append(s.leftovers, leftover{old, text(r.definition, "UpdateReplacePolicy")})
		}
		done(failure)
	}))
}

// updateNested brings a nested stack to what its template says now. Its parent always has events of it; it itself only
// when it has something to do.
func (a *Account) updateNested(s *stack, r *resource, done func(string)) (cancel func()) {
	child := a.child(r)
	a.tell(s, r, "UPDATE_IN_PROGRESS", "")
	next, err := a.nestedVersion(s, r.properties)
	if err == nil {
		err = a.acceptable(child, next)
	}
	if err != nil {
		s.touched[r.logicalID] = updatedIt
		a.updated(s, r, done)(err.Error())
		return nil
	}
	if !child.differs(next) && child.status != "UPDATE_FAILED" {
		a.timeline.after(time.Second, func() { a.updated(s, r, done)("") })
		return nil
	}
	s.touched[r.logicalID] = updatedIt
	cancelled := false
	a.executing(child)
	child.disableRollback = s.disableRollback
	a.update(child, next, s.operation.token, func(failure string) {
		switch {
		case failure == "":
			a.tell(s, r, "UPDATE_COMPLETE", "")
		case cancelled:
			a.tell(s, r, "UPDATE_FAILED", "Resource update cancelled")
		default:
			a.tell(s, r, "UPDATE_FAILED", embedded(child, failure))
		}
		done(failure)
	})
	return func() {
		cancelled = true
		child.stop()
	}
}

func embedded(child *stack, failure string) string {
	return fmt.Sprintf(
		"Embedded stack %s was not successfully updated. Currently in %s with reason: %s", child.id, child.status,
		failure,
	)
}

// differs reports whether a nested stack has anything to do to become another version. One that has nested stacks
// itself is always looked into.
func (s *stack) differs(next version) bool {
	for _, definition := range next.template.resources {
		if kindOf(definition) == stackType {
			return true
		}
	}
	return !same(s.template.resources, next.template.resources) || !same(s.template.outputs, next.template.outputs) ||
		!same(s.template.conditions, next.template.conditions) ||
		!maps.Equal(s.parameters, next.parameters) || !maps.Equal(s.tags, next.tags)
}
