package cfntest

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// event is an entry of a stack's history.
type event struct {
	types.StackEvent
	visible time.Time // from when on it is listed
}

// say sets a stack's status and writes it into its history.
func (a *Account) say(s *stack, status, reason string) {
	s.status, s.reason = status, reason
	a.record(s, types.StackEvent{
		LogicalResourceId: &s.name, PhysicalResourceId: &s.id, ResourceType: ptr(stackType),
		ResourceStatus: types.ResourceStatus(status), ResourceStatusReason: notEmpty(reason),
	})
}

// tell sets a resource's status and writes it into its stack's history.
func (a *Account) tell(s *stack, r *resource, status, reason string) {
	r.status, r.reason, r.at = status, reason, a.timeline.now
	e := types.StackEvent{
		LogicalResourceId: ptr(r.logicalID), PhysicalResourceId: ptr(r.physicalID), ResourceType: ptr(r.kind),
		ResourceStatus: types.ResourceStatus(status), ResourceStatusReason: notEmpty(reason),
	}
	if !strings.HasSuffix(s.status, "CLEANUP_IN_PROGRESS") { // replacement.json: what a cleanup deletes has none
		e.ResourceProperties = ptr(jsonOf(r.properties))
	}
	a.record(s, e)
}

func (a *Account) record(s *stack, e types.StackEvent) {
	at := a.timeline.now
	e.EventId, e.StackId, e.StackName, e.Timestamp = ptr(a.uuid()), &s.id, &s.name, &at
	if s.operation != nil {
		e.OperationId, e.ClientRequestToken = &s.operation.id, notEmpty(s.operation.token)
	}
	late := a.rules.late[s.address(*e.LogicalResourceId)]
	s.events = append(s.events, &event{StackEvent: e, visible: at.Add(late)})
}

// visibleEvents returns the events that DescribeStackEvents lists now, the oldest first.
func (a *Account) visibleEvents(s *stack) []*event {
	known := s.events
	if a.timeline.now.Before(s.staleUntil) {
		known = known[:s.staleEvents]
	}
	if len(a.rules.late) > 0 {
		known = slices.DeleteFunc(slices.Clone(known), func(e *event) bool { return e.visible.After(a.timeline.now) })
	}
	if a.settings.mixed {
		known = mix(slices.Clone(known))
	}
	return known
}

// mix reverses the events of each second.
func mix(events []*event) []*event {
	second := func(e *event) int64 { return e.Timestamp.Unix() }
	for from := 0; from < len(events); {
		to := from
		for to < len(events) && second(events[to]) == second(events[from]) {
			to++
		}
		slices.Reverse(events[from:to])
		from = to
	}
	return events
}

func ptr[T any](v T) *T { return &v }

// notEmpty returns nil for an empty text.
func notEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
