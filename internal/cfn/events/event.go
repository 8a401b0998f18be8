// Package events follows a deployment: one ordered stream of the events of a tree of stacks, and the reason of a failure.
//
// A [Watch] reads the events of the root stack and of every nested stack that the events themselves name. It keeps no state
// outside: what it needs to start is the root's id and a [Cursor], the last event before the operation. [Causes] collects
// the failures and determines the first real one.
package events

import (
	"context"
	"errors"
	"strings"
	"time"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/status"
)

// StackType is the type of a stack, nested or not, as a resource.
const StackType = "AWS::CloudFormation::Stack"

// Event is one entry of a stack's history, in CloudFormation's own words.
type Event struct {
	ID         string // unique within its stack
	Time       time.Time
	StackID    string
	StackName  string
	Path       address.Path // logical ids from the root to this stack; empty for the root. Set by [Watch]
	LogicalID  string
	PhysicalID string // empty while a resource has none
	Type       string
	Status     status.Status // a resource's or, in an event of the stack itself, the stack's
	Reason     string
	Token      string // the client request token of the operation
	Operation  string // CloudFormation's id of the operation; empty where it gives none
}

// OfStack reports whether the event is about its own stack as a whole, not about a resource in it. A nested stack has both: one
// kind in its own history, and as a resource in its parent's.
func (e Event) OfStack() bool { return e.Type == StackType && e.PhysicalID == e.StackID }

// Name returns the event's resource as people write it: Data/Database, its logical id after those of its stacks.
func (e Event) Name() string {
	return e.Path.Resource(e.LogicalID).String()
}

// Child returns the id of the nested stack that the event is about, or "".
func (e Event) Child() string {
	if e.Type != StackType || e.PhysicalID == "" || e.OfStack() {
		return ""
	}
	return e.PhysicalID
}

// Running reports whether the status is in progress.
func (e Event) Running() bool { return e.Status.InProgress() }

// Failed reports whether something failed, a deliberate cancellation included.
func (e Event) Failed() bool { return e.Status.Failed() }

// Cancelled reports whether CloudFormation only stopped the resource because another one had failed.
func (e Event) Cancelled() bool {
	reason := strings.ToLower(e.Reason)
	return e.Failed() && (strings.HasPrefix(reason, "resource ") || strings.HasPrefix(reason, "stack ")) &&
		(strings.Contains(reason, " cancelled") || strings.Contains(reason, " canceled"))
}

// Source returns a stack's events, the newest first, a page at a time: next is the token of the following page or "". An error
// with [ErrLater] in its chain is not a failure of the deployment: try again later.
type Source interface {
	Events(ctx context.Context, stackID, page string) (events []Event, next string, err error)
}

// ErrLater is in the chain of a temporary error: throttling, or a fault of the network or of the service.
var ErrLater = errors.New("not now")

// IsLater reports whether an error is temporary: see [ErrLater].
func IsLater(err error) bool { return errors.Is(err, ErrLater) }
