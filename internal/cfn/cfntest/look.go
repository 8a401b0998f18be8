package cfntest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Stack is a stack as a test looks at it.
type Stack struct {
	ID, Name  string
	Path      string // logical ids from the root, or "" for the root
	Root      string // name of the root stack
	Status    string
	Reason    string
	Protected bool
	Created   time.Time
	Tags      map[string]string
	Outputs   map[string]string
	Resources map[string]Resource // by logical id
	Template  string
}

// Resource is a resource of a [Stack].
type Resource struct {
	PhysicalID, Type, Status string
	Properties               map[string]any // without intrinsics
}

// Stacks are all stacks that there are or were, in the order of their creation.
func (a *Account) Stacks() []Stack {
	var all []Stack
	a.locked(func() {
		for _, s := range a.stacks {
			all = append(all, s.look())
		}
	})
	return all
}

// Stack looks a stack up by its name, or by its root's name and its path in the tree: Stack("site"), Stack("site",
// "Data"). It fails the test when there is none.
func (a *Account) Stack(root string, path ...string) Stack {
	a.t.Helper()
	wanted := ""
	if len(path) > 0 {
		wanted = path[0]
	}
	for _, s := range slices.Backward(a.Stacks()) {
		if s.Root == root && s.Path == wanted || s.ID == root {
			return s
		}
	}
	a.t.Fatalf("cfntest: there is no stack %s %v", root, path)
	return Stack{}
}

func (s *stack) look() Stack {
	seen := Stack{
		ID: s.id, Name: s.name, Path: s.path(), Root: s.root().name, Status: s.status, Reason: s.reason,
		Protected: s.protected,
		Created:   s.created, Tags: s.tags, Outputs: map[string]string{}, Resources: map[string]Resource{},
		Template: s.template.body,
	}
	for _, o := range s.outputs {
		seen.Outputs[o.key] = o.value
	}
	for id, r := range s.resources {
		seen.Resources[id] = Resource{
			PhysicalID: r.physicalID,
			Type:       r.kind,
			Status:     r.status,
			Properties: r.properties,
		}
	}
	return seen
}

// Events are all events of a stack, the oldest first. See [Account.Stack] for its name.
func (a *Account) Events(root string, path ...string) []types.StackEvent {
	a.t.Helper()
	id := a.Stack(root, path...).ID
	var all []types.StackEvent
	a.locked(func() {
		for _, e := range a.find(id).events {
			all = append(all, e.StackEvent)
		}
	})
	return all
}

// Gone is a resource that CloudFormation has deleted.
type Gone struct {
	Path       string // in its tree, Data/Database
	PhysicalID string
	Snapshot   bool // it was copied first
}

// Gone are the resources that CloudFormation has deleted, in that order: what a gate should have asked about.
func (a *Account) Gone() []Gone {
	var all []Gone
	a.locked(func() { all = slices.Clone(a.gone) })
	return all
}
