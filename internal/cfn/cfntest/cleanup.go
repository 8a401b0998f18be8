package cfntest

import "strings"

// cleanUp deletes what an update or its rollback no longer needs, first in the nested stacks that wait for it, and ends the operation.
func (a *Account) cleanUp(s *stack, ended func()) {
	s.operation.busy = true
	end := strings.TrimSuffix(s.status, "_CLEANUP_IN_PROGRESS")
	work := map[string]leftover{}
	order := map[string][]string{}
	for _, l := range s.leftovers {
		work[l.logicalID], order[l.logicalID] = l, nil
	}
	for _, r := range s.resources {
		if child := a.child(r); child != nil && r.kind == stackType && strings.HasSuffix(child.status, "CLEANUP_IN_PROGRESS") {
			order[r.logicalID] = nil
		}
	}
	for id, others := range reversed(a.waitsOf(work)) {
		order[id] = others
	}
	p := a.run(s, order, func(id string, done func(string)) func() {
		if l, ok := work[id]; ok {
			a.deleteResource(s, l.resource, l.policy, done)
			return nil
		}
		a.cleanUp(a.child(s.resources[id]), func() { done("") })
		return nil
	}, func(failed []string) {
		reason := ""
		if len(failed) > 0 && end == "UPDATE_COMPLETE" {
			reason = "Update successful. One or more resources could not be deleted."
		}
		s.before, s.touched, s.leftovers = nil, map[string]touch{}, nil
		a.say(s, end, reason)
		s.rest(false)
		ended()
	})
	p.lenient = true
}

func (a *Account) waitsOf(work map[string]leftover) map[string][]string {
	definitions := map[string]map[string]any{}
	for id, l := range work {
		definitions[id] = l.definition
	}
	return waits(definitions)
}
