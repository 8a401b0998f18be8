// Package changeset is what a change set means: a tree of stacks with the changes of each, as data.
//
// It is pure. [Build] turns the descriptions that CloudFormation gives of a root change set and of those nested in it into a
// [Stack]; everything that shows, judges or stores a plan works on that and never asks AWS again. What a description can't say
// for sure is never shown as certain: a replacement that hangs on a value which nobody knows yet is [PerhapsReplace], a change
// that only one of the two descriptions has is Uncertain.
package changeset

import "fmt"

// Action is what happens to a resource. The symbol is the value.
type Action rune

// What can happen to a resource.
const (
	Add            Action = '+'
	Change         Action = '~' // changed in place
	Replace        Action = '±' // a new one is made, the old one goes
	PerhapsReplace Action = '?' // changed in place or replaced: it depends on a value that is not known yet
	Remove         Action = '-'
	Import         Action = '<' // one that exists is taken into the stack
	Dynamic        Action = '*' // CloudFormation can't say what it will do
	Sync           Action = '=' // only what CloudFormation believes about it changes
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
	return fmt.Errorf("%q is no action of a change set", text)
}

// MayRemoveExisting reports whether the resource that exists may be gone afterwards.
func (a Action) MayRemoveExisting() bool {
	return a == Replace || a == PerhapsReplace || a == Remove || a == Dynamic
}

// Fate is what becomes of a resource that a stack lets go: a DeletionPolicy, or the PolicyAction of CloudFormation's API.
type Fate string

// What can become of it, by its deletion or replace policy.
const (
	Deleted     Fate = "Delete"
	Retained    Fate = "Retain"   // it stays in the account, without a stack
	Snapshot    Fate = "Snapshot" // it goes, and a snapshot of it stays
	FateUnknown Fate = "Unknown"  // the change set does not say: held for deleted
)

// String returns what becomes of the resource, as a person reads it.
func (f Fate) String() string {
	switch f {
	case Deleted:
		return "deleted"
	case Retained:
		return "retained"
	case Snapshot:
		return "snapshot"
	case FateUnknown:
		return "not told"
	}
	return string(f)
}

// Recreation is whether a change of a property makes a new resource: RequiresRecreation of CloudFormation's API, in its words
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceTargetDefinition.html).
type Recreation int

// From harmless to certain.
const (
	Never Recreation = iota
	Conditionally
	Always
)

func (r Recreation) String() string { return [...]string{"Never", "Conditionally", "Always"}[r] }

// MarshalText returns CloudFormation's word.
func (r Recreation) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads CloudFormation's word back.
func (r *Recreation) UnmarshalText(text []byte) error {
	for _, known := range []Recreation{Never, Conditionally, Always} {
		if known.String() == string(text) {
			*r = known
			return nil
		}
	}
	return fmt.Errorf("%q is no RequiresRecreation of a change set; use Never, Conditionally or Always", text)
}

// Property is one change of a resource's property, tag, metadata or policy.
type Property struct {
	Path       string     `json:"path"` // Properties/Engine, Tags, DeletionPolicy
	Before     string     `json:"before,omitempty"`
	After      string     `json:"after,omitempty"`
	HasValues  bool       `json:"hasValues"` // Before and After are what CloudFormation said, or the templates of an unchecked stack
	Recreation Recreation `json:"requiresRecreation"`
	Dynamic    bool       `json:"dynamic,omitempty"` // whether it changes at all, or into what, is known only when it is done
	Cause      string     `json:"cause,omitempty"`   // the resource or attribute that it follows from
}

// Item is the change of one resource.
type Item struct {
	Action     Action     `json:"action"`
	LogicalID  string     `json:"logicalId"`
	PhysicalID string     `json:"physicalId,omitempty"`
	Type       string     `json:"type"`
	Scope      []string   `json:"scope,omitempty"` // Properties, Tags, Metadata, UpdatePolicy, …
	Properties []Property `json:"properties,omitempty"`
	Fate       Fate       `json:"policyAction,omitempty"` // of the old one, when the action may end it
	Stateful   bool       `json:"stateful,omitempty"`     // its loss would lose data
	Uncertain  bool       `json:"uncertain,omitempty"`    // it follows from another change, and perhaps comes to nothing
}

// NestedStack reports whether the resource is a stack with all that is in it.
func (i Item) NestedStack() bool { return i.Type == stackType }

// LosesData reports whether what the resource holds may be gone afterwards, with no copy that CloudFormation makes.
func (i Item) LosesData() bool {
	return i.Stateful && i.Action.MayRemoveExisting() && (i.Fate == Deleted || i.Fate == FateUnknown)
}

// Danger is how much a change deserves to be looked at.
type Danger int

// From what nobody needs to fear to what can't be undone.
const (
	Harmless    Danger = iota
	Interrupts         // something is replaced or removed that holds no data
	TouchesData        // something that holds data goes, and stays behind or is copied first
	LosesData          // something that holds data goes
)

// Danger is how much the change deserves to be looked at.
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

// Stack is the changes of one stack and of those nested in it.
type Stack struct {
	Path        []string `json:"path"` // logical ids from the root; empty for the root
	Name        string   `json:"name"` // CloudFormation's name of the stack
	StackID     string   `json:"stackId,omitempty"`
	ChangeSetID string   `json:"changeSetId,omitempty"`
	Action      Action   `json:"action"`              // what happens to the stack as a whole; [Sync] when nothing does
	Note        string   `json:"note,omitempty"`      // what CloudFormation warns of
	Unchecked   bool     `json:"unchecked,omitempty"` // worked out from the templates: CloudFormation has not checked it
	Items       []Item   `json:"items,omitempty"`     // in the order of the descriptions
	Children    []*Stack `json:"children,omitempty"`  // in the order of the descriptions
}

// LogicalID is the stack's logical id in its parent, or its name for the root.
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

// Count is how many resources of a tree meet which action.
type Count map[Action]int

func (c Count) total() int {
	n := 0
	for _, k := range c {
		n += k
	}
	return n
}

// Count counts the changes of the whole tree, nested stacks as such not among them.
func (s *Stack) Count() Count {
	count := Count{}
	s.Walk(func(s *Stack) {
		for _, item := range s.Items {
			count[item.Action]++
		}
	})
	return count
}

// Located is a change and where it is.
type Located struct {
	Stack *Stack
	Item  Item
}

// Dangerous lists the changes of the whole tree from a danger upwards, the worst first.
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
