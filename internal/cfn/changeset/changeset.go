// Package changeset is what a change set means: a tree of stacks with the changes of each, as data.
//
// It is pure. [Build] turns the descriptions that CloudFormation gives of a root change set and of those nested in it
// into a [Stack]; everything that shows, checks or stores a plan works on that and never asks AWS again. What a
// description leaves open is never shown as certain: a replacement that depends on a value which is not known yet is
// [PerhapsReplace], a change that only one of the two descriptions has is Uncertain.
package changeset

import (
	"fmt"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/stateful"
)

// Action is what happens to a resource. The symbol is the value.
type Action rune

// What can happen to a resource.
const (
	Add            Action = '+'
	Change         Action = '~' // changed in place
	Replace        Action = '±' // a new one is created, the old one is deleted
	PerhapsReplace Action = '?' // changed in place or replaced: it depends on a value that is not known yet
	Remove         Action = '-'
	Import         Action = '<' // an existing resource is added to the stack
	Dynamic        Action = '*' // CloudFormation can't say what it will do
	Sync           Action = '=' // only CloudFormation's record of it changes
)

var words = map[Action]string{
	Add: "add", Change: "change", Replace: "replace", PerhapsReplace: "perhaps replace", Remove: "remove",
	Import: "import", Dynamic: "unknown", Sync: "sync",
}

func (a Action) String() string { return words[a] }

// names are the actions in JSON: those of CloudFormation's API (ChangeAction), Modify with its Replacement.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
var names = map[Action]string{
	Add: "Add", Change: "Modify", Replace: "Replace", PerhapsReplace: "ReplaceConditionally", Remove: "Remove",
	Import: "Import", Dynamic: "Dynamic", Sync: "SyncWithActual",
}

// MarshalText returns the action's name.
func (a Action) MarshalText() ([]byte, error) { return []byte(names[a]), nil }

// UnmarshalText reads the action's name back.
func (a *Action) UnmarshalText(text []byte) error {
	for action, word := range names {
		if word == string(text) {
			*a = action
			return nil
		}
	}
	return fmt.Errorf("%q is not an action of a change set", text)
}

// MayRemoveExisting reports whether the change may delete the existing resource.
func (a Action) MayRemoveExisting() bool {
	return a == Replace || a == PerhapsReplace || a == Remove || a == Dynamic
}

// PolicyAction is what happens to the physical resource that a change removes from a stack: PolicyAction of
// CloudFormation's API. Whether it is replaced says [Action], so ReplaceAndDelete is Delete here
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html).
type PolicyAction string

// The outcomes, by the resource's DeletionPolicy or UpdateReplacePolicy.
const (
	PolicyDelete   PolicyAction = "Delete"
	PolicyRetain   PolicyAction = "Retain"   // it stays in the account, without a stack
	PolicySnapshot PolicyAction = "Snapshot" // it is deleted, and a snapshot of it stays
	PolicyUnknown  PolicyAction = "Unknown"  // the change set does not say: assume that it is deleted
)

// Consequence returns what happens, as what follows "the old one": "is deleted after a snapshot".
func (p PolicyAction) Consequence() string {
	switch p {
	case PolicyDelete:
		return "is deleted"
	case PolicyRetain:
		return "stays in the account without a stack"
	case PolicySnapshot:
		return "is deleted after a snapshot"
	}
	return "may be deleted: CloudFormation does not say, so expect that it is"
}

// Recreation is whether a change of a property makes a new resource: RequiresRecreation of CloudFormation's API, in its
// words (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceTargetDefinition.html).
type Recreation int

// From harmless to certain.
const (
	Never Recreation = iota
	Conditionally
	Always
)

func (r Recreation) String() string { return [...]string{"Never", "Conditionally", "Always"}[r] }

// MarshalText returns CloudFormation's name.
func (r Recreation) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText parses CloudFormation's name.
func (r *Recreation) UnmarshalText(text []byte) error {
	for _, known := range []Recreation{Never, Conditionally, Always} {
		if known.String() == string(text) {
			*r = known
			return nil
		}
	}
	return fmt.Errorf("%q is not a RequiresRecreation of a change set; use Never, Conditionally or Always", text)
}

// Property is one change of a resource's property, tag, metadata or policy.
type Property struct {
	Path       string     `json:"path"` // Properties/Engine, Tags, DeletionPolicy
	Before     string     `json:"before,omitempty"`
	After      string     `json:"after,omitempty"`
	HasValues  bool       `json:"hasValues"` // Before and After are what CloudFormation said, or the templates of an unchecked stack
	Recreation Recreation `json:"requiresRecreation"`
	Dynamic    bool       `json:"dynamic,omitempty"` // whether it changes, or the new value, is known only after execution
	Cause      string     `json:"cause,omitempty"`   // the resource or attribute that it follows from
}

// Item is the change of one resource.
type Item struct {
	Action       Action       `json:"action"`
	LogicalID    string       `json:"logicalId"`
	PhysicalID   string       `json:"physicalId,omitempty"`
	Type         string       `json:"type"`
	Scope        []string     `json:"scope,omitempty"` // Properties, Tags, Metadata, UpdatePolicy, …
	Properties   []Property   `json:"properties,omitempty"`
	PolicyAction PolicyAction `json:"policyAction,omitempty"` // of the old resource, if the action may delete it
	Stateful     bool         `json:"stateful,omitempty"`     // its loss would lose data
	Uncertain    bool         `json:"uncertain,omitempty"`    // it follows from another change, and may not happen
}

// NestedStack reports whether the resource is a nested stack.
func (i Item) NestedStack() bool { return i.Type == stateful.NestedStack }

// LosesData reports whether the resource's data may be lost, without a copy made by CloudFormation.
func (i Item) LosesData() bool {
	return i.Stateful && i.Action.MayRemoveExisting() &&
		(i.PolicyAction == PolicyDelete || i.PolicyAction == PolicyUnknown)
}

// Danger is how dangerous a change is.
type Danger int

// From harmless to irreversible.
const (
	Harmless    Danger = iota
	Interrupts         // a resource without data is replaced or removed
	TouchesData        // a resource with data is replaced or removed, but retained or copied first
	LosesData          // a resource with data is deleted
)

// Danger returns how dangerous the change is.
func (i Item) Danger() Danger {
	switch {
	case i.LosesData():
		return LosesData
	case i.Stateful && i.Action.MayRemoveExisting():
		return TouchesData
	case i.Action.MayRemoveExisting():
		return Interrupts
	}
	return Harmless
}

// Stack holds the changes of one stack and of those nested in it.
type Stack struct {
	Path        address.Path `json:"path"` // logical ids from the root; empty for the root
	Name        string       `json:"name"` // CloudFormation's name of the stack
	StackID     string       `json:"stackId,omitempty"`
	ChangeSetID string       `json:"changeSetId,omitempty"`
	Action      Action       `json:"action"`              // what happens to the stack as a whole; [Sync] when nothing does
	Note        string       `json:"note,omitempty"`      // what CloudFormation warns of
	Unchecked   bool         `json:"unchecked,omitempty"` // derived from the templates: CloudFormation has not checked it
	Items       []Item       `json:"items,omitempty"`     // in the order of the descriptions
	Children    []*Stack     `json:"children,omitempty"`  // in the order of the descriptions
}

// LogicalID returns the stack's logical id in its parent, or its name for the root.
func (s *Stack) LogicalID() string {
	if len(s.Path) == 0 {
		return s.Name
	}
	return s.Path[len(s.Path)-1]
}

// Walk visits the stack and every one nested in it, parents first.
func (s *Stack) Walk(visit func(*Stack)) {
	visit(s)
	for _, child := range s.Children {
		child.Walk(visit)
	}
}

// Changed reports whether anything changes in the stack or in one nested in it.
func (s *Stack) Changed() bool { return s.Action != Sync || s.Count().total() > 0 }

// Count is the number of resources of a tree by action.
type Count map[Action]int

func (c Count) total() int {
	n := 0
	for _, k := range c {
		n += k
	}
	return n
}

// Count counts the changes of the whole tree, without the nested stacks themselves.
func (s *Stack) Count() Count {
	count := Count{}
	s.Walk(func(s *Stack) {
		for _, item := range s.Items {
			count[item.Action]++
		}
	})
	return count
}

// Located is a change and its stack.
type Located struct {
	Stack *Stack
	Item  Item
}

// Dangerous returns the changes of the whole tree with at least the given danger, the worst first.
func (s *Stack) Dangerous(from Danger) []Located {
	var all []Located
	for level := LosesData; level >= from; level-- {
		s.Walk(func(s *Stack) {
			for _, item := range s.Items {
				if item.Danger() == level {
					all = append(all, Located{s, item})
				}
			}
		})
	}
	return all
}
