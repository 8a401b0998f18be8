package cfntest

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// stackType is the type of a nested stack as a resource.
const stackType = "AWS::CloudFormation::Stack"

// stack is one stack, nested or not, from its first change set to long after its deletion.
type stack struct {
	version

	id, name  string
	status    string
	reason    string
	logicalID string // in its parent
	parent    *stack
	created   time.Time
	updated   time.Time // zero when never
	deleted   time.Time

	changeSet       *changeSet // the last one executed
	protected       bool
	disableRollback bool
	events          []*event // oldest first
	operation       *operation
	before          *version         // what an update that has not ended found, or nil
	touched         map[string]touch // what it has done to whom
	leftovers       []leftover       // what its cleanup has to delete
	waiting         []func()         // who waits for the running operation's end
	drift           types.StackDriftStatus
	driftChecked    time.Time
	staleUntil      time.Time
	staleStatus     string
	staleEvents     int
}

// version is what an update changes and a rollback restores.
type version struct {
	template     *template
	parameters   map[string]string
	tags         map[string]string
	capabilities []types.Capability
	resources    map[string]*resource
	outputs      []output
	imports      []string // names of exports
}

// resource is one resource of a stack. Once created it is never changed, only replaced by another value, so that a
// version can keep it; only its status changes.
type resource struct {
	logicalID  string
	physicalID string
	kind       string
	definition map[string]any // as the template says it
	properties map[string]any // without intrinsics
	tags       map[string]string
	status     string
	reason     string
	at         time.Time
	actual     map[string]any // what somebody changed behind CloudFormation's back, by path
	gone       bool           // somebody deleted it so
	unseen     string         // why drift detection fails
}

type output struct {
	key, value, export, description string
}

// touch is what an update has done to a resource so far.
type touch int

const (
	untouched touch = iota
	createdIt
	updatedIt
	replacedIt
)

// operation is what is being done with a stack.
type operation struct {
	id         string
	kind       types.OperationType
	token      string
	pass       *pass
	busy       bool     // the stack works on it; one that waits for its root to clean up does not
	failed     bool     // its end is a failure
	cancelled  bool     // by somebody
	superseded bool     // by a deletion
	skip       []string // resources that a continued rollback passes over
}

func (a *Account) newStack(name string, parent *stack, logicalID string) *stack {
	s := &stack{
		id: a.arn("cloudformation", "stack/"+name+"/"+a.uuid()), name: name, parent: parent, logicalID: logicalID,
		created: a.timeline.now, drift: types.StackDriftStatusNotChecked, touched: map[string]touch{},
	}
	s.version = version{
		template:   emptyTemplate,
		resources:  map[string]*resource{},
		tags:       map[string]string{},
		parameters: map[string]string{},
	}
	a.stacks = append(a.stacks, s)
	return s
}

func (s *stack) nested() bool { return s.parent != nil }

func (s *stack) root() *stack {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

// running reports whether an operation goes on, one that waits for its root included.
func (s *stack) running() bool {
	return strings.HasSuffix(s.status, "_IN_PROGRESS") && s.status != inReview
}

const (
	inReview       = "REVIEW_IN_PROGRESS"
	deleteComplete = "DELETE_COMPLETE"
)

// copy is a version that later exchanges of resources do not reach.
func (v version) copy() *version {
	v.resources = maps.Clone(v.resources)
	return &v
}

// find looks a stack up by name or id. Only the id finds a deleted one
// (review-in-progress-and-names.json: test_name_conflicts).
func (a *Account) find(nameOrID string) *stack {
	for _, s := range a.stacks {
		if s.id == nameOrID || s.name == nameOrID && s.status != deleteComplete {
			return s
		}
	}
	return nil
}

// child is the nested stack behind a resource.
func (a *Account) child(r *resource) *stack { return a.find(r.physicalID) }

// path names the stack by the logical ids from its root, which is the empty path.
func (s *stack) path() string {
	if s.parent == nil {
		return ""
	}
	return strings.TrimPrefix(s.parent.path()+"/"+s.logicalID, "/")
}

// address names a resource by its stack's path and its logical id.
func (s *stack) address(logicalID string) string {
	return strings.TrimPrefix(s.path()+"/"+logicalID, "/")
}

// nestedName is how CloudFormation names a nested stack.
func (a *Account) nestedName(parent *stack, logicalID string) string {
	return fmt.Sprintf("%.90s-%.24s-%s", parent.name, logicalID, a.suffix())
}

// operate begins an operation on a stack.
func (a *Account) operate(s *stack, kind types.OperationType, token string) {
	s.operation = &operation{id: a.uuid(), kind: kind, token: token, busy: true}
}

// rest ends the stack's own part of an operation and lets on who has waited for it.
func (s *stack) rest(failed bool) {
	s.operation.busy, s.operation.failed = false, failed
	waiting := s.waiting
	s.waiting = nil
	for _, do := range waiting {
		do()
	}
}

// whenIdle does something when the stack's own part of the running operation is over, or at once.
func (s *stack) whenIdle(do func()) {
	if s.operation != nil && s.operation.busy {
		s.waiting = append(s.waiting, do)
		return
	}
	do()
}
