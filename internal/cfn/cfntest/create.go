package cfntest

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// byUser is the reason of an operation's first event, except in nested stacks.
func byUser(s *stack) string {
	if s.nested() {
		return ""
	}
	return "User Initiated"
}

const atUsersRequest = " Rollback requested by user."

// create begins to create a stack. It calls ended when all resources exist, or with the failure as soon as there is
// one.
func (a *Account) create(s *stack, token string, ended func(failure string)) {
	a.operate(s, types.OperationTypeCreateStack, token)
	a.say(s, "CREATE_IN_PROGRESS", byUser(s))
	wanted, err := a.prepare(s)
	if err != nil {
		a.timeline.after(time.Second, func() { a.undoCreation(s, err.Error(), ended) })
		return
	}
	a.run(s, waits(wanted), func(id string, done func(string)) func() {
		return a.createResource(s, id, wanted[id], done)
	}, func(failed []string) {
		if s.operation.superseded {
			s.rest(true)
			return
		}
		reason := failures("create", failed)
		if reason == "" {
			if err := a.giveOut(s); err != nil {
				reason = err.Error()
			}
		}
		if reason != "" {
			a.undoCreation(s, reason, ended)
			return
		}
		a.say(s, "CREATE_COMPLETE", "")
		s.rest(false)
		ended("")
	})
}

// undoCreation rolls back a creation, or leaves it as it is if the caller disabled rollback.
func (a *Account) undoCreation(s *stack, reason string, ended func(string)) {
	if s.disableRollback {
		a.say(s, "CREATE_FAILED", reason)
		s.rest(true)
		ended(reason)
		return
	}
	a.operate(s, types.OperationTypeRollback, s.operation.token)
	a.say(s, "ROLLBACK_IN_PROGRESS", strings.TrimSpace(strings.TrimSpace(reason)+atUsersRequest))
	s.deleted, s.changeSet = a.timeline.now, nil // import-missing-export.json
	ended(reason)
	a.deleteResources(s, undo, nil, func(failed []string) {
		s.imports, s.outputs = nil, nil
		if len(failed) > 0 {
			a.say(s, "ROLLBACK_FAILED", failures("delete", failed))
		} else {
			a.say(s, "ROLLBACK_COMPLETE", "")
		}
		s.rest(true)
	})
}

// failures returns which resources failed, as in a stack's reason.
func failures(verb string, failed []string) string {
	if len(failed) == 0 {
		return ""
	}
	return fmt.Sprintf("The following resource(s) failed to %s: [%s]. ", verb, strings.Join(failed, ", "))
}

// createResource creates a resource of a stack.
func (a *Account) createResource(s *stack, id string, definition map[string]any, done func(string)) (cancel func()) {
	r := &resource{logicalID: id, kind: kindOf(definition), definition: definition, tags: s.tags}
	s.resources[id] = r
	var err error
	if r.properties, err = a.scope(s).properties(definition); err != nil {
		a.tell(s, r, "CREATE_FAILED", err.Error())
		done(err.Error())
		return nil
	}
	if r.kind == stackType {
		return a.createNested(s, r, done)
	}
	a.tell(s, r, "CREATE_IN_PROGRESS", "")
	if reason := a.taken(s, r); reason != "" {
		a.tell(s, r, "CREATE_FAILED", reason)
		done(reason)
		return nil
	}
	a.initiate(s, r, "CREATE_IN_PROGRESS")
	end := func(failure string) {
		if failure != "" {
			a.tell(s, r, "CREATE_FAILED", failure)
		} else {
			a.tell(s, r, "CREATE_COMPLETE", "")
		}
		done(failure)
	}
	stop := func() {}
	stopWork := a.work(s, r, Creating, func(failure string) {
		if failure != "" {
			end(failure)
		} else if cancel := a.awaitSignals(s, r, end); cancel != nil {
			stop = cancel
		}
	})
	return func() {
		stopWork()
		stop()
	}
}

// initiate gives a resource its physical id after a moment, and reports it: the second IN_PROGRESS event
// (lifecycle-events.json).
func (a *Account) initiate(s *stack, r *resource, status string) {
	moment := min(closest(a.rules.takes, namesOf(s, r))/2, time.Second)
	a.timeline.after(moment, func() {
		if r.status == status {
			r.physicalID = a.physicalID(s, r)
			a.tell(s, r, status, "Resource creation Initiated")
		}
	})
}

// createNested creates a nested stack: a new one, or the one that a change set has put in review.
func (a *Account) createNested(s *stack, r *resource, done func(string)) (cancel func()) {
	a.tell(s, r, "CREATE_IN_PROGRESS", "")
	next, err := a.nestedVersion(s, r.properties)
	if err != nil {
		a.tell(s, r, "CREATE_FAILED", err.Error())
		done(err.Error())
		return nil
	}
	child := a.reviewed(s, r.logicalID)
	if child == nil {
		child = a.newStack(a.nestedName(s, r.logicalID), s, r.logicalID)
	}
	child.version, child.disableRollback = next, s.disableRollback
	r.physicalID = child.id
	a.tell(s, r, "CREATE_IN_PROGRESS", "Resource creation Initiated")
	cancelled := false
	a.executing(child)
	a.create(child, s.operation.token, func(failure string) {
		switch {
		case failure == "":
			a.tell(s, r, "CREATE_COMPLETE", "")
		case cancelled:
			a.tell(s, r, "CREATE_FAILED", "Resource creation cancelled")
		default:
			a.tell(
				s, r, "CREATE_FAILED",
				fmt.Sprintf("Embedded stack %s was not successfully created: %s", child.id, failure),
			)
		}
		done(failure)
	})
	return func() {
		cancelled = true
		child.stop()
	}
}

// stop cancels a stack's operation.
func (s *stack) stop() {
	if s.operation != nil && s.operation.pass != nil {
		s.operation.pass.stop()
	}
}

// reviewed returns the nested stack that a change set has planned and that is not created yet.
func (a *Account) reviewed(parent *stack, logicalID string) *stack {
	for _, s := range a.stacks {
		if s.parent == parent && s.logicalID == logicalID && s.status == inReview {
			return s
		}
	}
	return nil
}

// nestedVersion reads the version of a nested stack from its properties.
func (a *Account) nestedVersion(parent *stack, properties map[string]any) (version, error) {
	t, err := a.fetch(textOf(properties["TemplateURL"]))
	if err != nil {
		return version{}, err
	}
	given := map[string]string{}
	passed, _ := properties["Parameters"].(map[string]any)
	for name, v := range passed {
		given[name] = textOf(v)
	}
	parameters, err := t.parametersFrom(given)
	if err == nil {
		err = t.permitted(parent.capabilities)
	}
	if err != nil {
		return version{}, err
	}
	tags := map[string]string{}
	for key, value := range parent.tags {
		tags[key] = value
	}
	for key, value := range tagsIn(properties["Tags"]) {
		tags[key] = value
	}
	return version{
		template: t, parameters: parameters, tags: tags, capabilities: parent.capabilities,
		resources: map[string]*resource{},
	}, nil
}

func tagsIn(v any) map[string]string {
	all := map[string]string{}
	list, _ := v.([]any)
	for _, item := range list {
		if tag, ok := item.(map[string]any); ok {
			all[textOf(tag["Key"])] = textOf(tag["Value"])
		}
	}
	return all
}
