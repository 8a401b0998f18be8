package cfntest

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Phase is what is being done to a resource.
type Phase string

// The phases of a resource.
const (
	Creating    Phase = "creation"
	Updating    Phase = "update" // in place, or by a replacement
	Deleting    Phase = "deletion"
	RollingBack Phase = "rollback" // an update that is sent back
)

var phases = []Phase{Creating, Updating, Deleting, RollingBack}

// rules are what a test has said about resources. A resource is named by its logical id (Database), by its place in the
// tree (Data/Database), by its type (AWS::RDS::DBCluster), or is any (*). What names it most closely counts.
type rules struct {
	takes          map[string]time.Duration
	fails          map[string]string // by phase and name
	hangs          map[string]bool   // by phase and name
	late           map[string]time.Duration
	changeSetTakes map[string]time.Duration
	changeSetFails map[string]string
	hidden         map[string]bool
	createOnly     map[string]bool // type and property
	validation     map[string][]types.OperationEvent
	hooks          map[string]hookAnswer
	waiting        []*waiting
	silent         bool // nodes signal by SignalResource only
}

// waiting is a resource that hangs.
type waiting struct {
	names  []string
	finish func()
}

func newRules() rules {
	return rules{
		takes: map[string]time.Duration{"*": 2 * time.Second}, fails: map[string]string{}, hangs: map[string]bool{},
		late: map[string]time.Duration{}, changeSetTakes: map[string]time.Duration{},
		changeSetFails: map[string]string{},
		hidden:         map[string]bool{}, createOnly: map[string]bool{},
		validation: map[string][]types.OperationEvent{},
		hooks:      map[string]hookAnswer{},
	}
}

// Takes sets how long every operation on a resource takes; the default is 2 s. See [Account.Fails] for names.
func (a *Account) Takes(name string, d time.Duration) {
	a.locked(func() { a.rules.takes[name] = d })
}

// Fails makes operations on a resource fail in a phase, with the reason that its event gives, from now on until
// [Account.StopFailing]. The name is a logical id, a path in the tree such as Data/Database, a type, or * for every
// resource.
func (a *Account) Fails(name string, phase Phase, reason string) {
	a.locked(func() { a.rules.fails[string(phase)+" "+name] = reason })
}

// Hangs lets a resource be in progress until it is cancelled or [Account.Release]d: while it is created or updated, or
// in the phases that are named.
func (a *Account) Hangs(name string, phases ...Phase) {
	if len(phases) == 0 {
		phases = []Phase{Creating, Updating}
	}
	a.locked(func() {
		for _, phase := range phases {
			a.rules.hangs[string(phase)+" "+name] = true
		}
	})
}

// Release ends at once what hangs by that name, and nothing hangs by it any longer.
func (a *Account) Release(name string) {
	a.locked(func() {
		for _, phase := range phases {
			delete(a.rules.hangs, string(phase)+" "+name)
		}
		var rest []*waiting
		for _, w := range a.rules.waiting {
			if slices.Contains(w.names, name) {
				w.finish()
				continue
			}
			rest = append(rest, w)
		}
		a.rules.waiting = rest
	})
}

// StopsFailing ends the failures of a resource.
func (a *Account) StopsFailing(name string) {
	a.locked(func() {
		for _, phase := range phases {
			delete(a.rules.fails, string(phase)+" "+name)
		}
	})
}

// EventsLate lets the events of a resource, by its path in the tree, show up only later: with their own time, behind
// ones that were there before them.
func (a *Account) EventsLate(path string, by time.Duration) {
	a.locked(func() { a.rules.late[path] = by })
}

// ChangeSetTakes says how long the change set of a nested stack takes, by its path in the tree; "" is the root's own.
func (a *Account) ChangeSetTakes(path string, d time.Duration) {
	a.locked(func() { a.rules.changeSetTakes[path] = d })
}

// ChangeSetFails lets the change set of a nested stack fail, by its path in the tree, for a reason: a placeholder that
// its parameter does not take, a hook, a quota. An empty reason takes that back.
func (a *Account) ChangeSetFails(path, reason string) {
	a.locked(func() {
		if a.rules.changeSetFails[path] = reason; reason == "" {
			delete(a.rules.changeSetFails, path)
		}
	})
}

// HideFromValues lets descriptions with property values leave out the change of a resource, by its path in the tree, as
// AWS does with properties that hold JSON.
func (a *Account) HideFromValues(path string) {
	a.locked(func() { a.rules.hidden[path] = true })
}

// CreateOnly says that a property of a type can't change without a replacement, for types that internal/cfn/schema does
// not know.
func (a *Account) CreateOnly(resourceType, property string) {
	a.locked(func() { a.rules.createOnly[resourceType+" "+property] = true })
}

func namesOf(s *stack, r *resource) []string {
	return []string{s.address(r.logicalID), r.logicalID, r.kind, "*"}
}

// work keeps a resource in progress for its time, then ends it: well, as a rule says, or cancelled. What is deleted or
// sent back is never cancelled: who does that has no use for cancel.
func (a *Account) work(s *stack, r *resource, phase Phase, end func(failure string)) (cancel func()) {
	over := false
	finish := func(failure string) {
		if !over {
			over = true
			end(failure)
		}
	}
	names := namesOf(s, r)
	planned := func() { finish(a.rules.failure(names, phase)) }
	if a.rules.hanging(names, phase) {
		a.rules.waiting = append(a.rules.waiting, &waiting{names, planned})
	} else {
		a.timeline.after(closest(a.rules.takes, names), planned)
	}
	return func() { finish(fmt.Sprintf("Resource %s cancelled", phase)) }
}

func (r *rules) failure(names []string, phase Phase) string {
	for _, name := range names {
		if reason, ok := r.fails[string(phase)+" "+name]; ok {
			return reason
		}
	}
	return ""
}

func (r *rules) hanging(names []string, phase Phase) bool {
	return slices.ContainsFunc(names, func(name string) bool { return r.hangs[string(phase)+" "+name] })
}

func closest(all map[string]time.Duration, names []string) time.Duration {
	for _, name := range names {
		if d, ok := all[name]; ok {
			return d
		}
	}
	return 0
}
