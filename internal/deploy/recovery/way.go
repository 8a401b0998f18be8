// Package recovery knows what to do with a site's stack that no deployment can start from.
//
// [Choose] is pure: from everything that is known of a tree of stacks it picks the one right way, with its reasons and with what it
// costs. [Recover] reads the tree, shows the way, asks, goes it, and follows it to its end.
package recovery

import (
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/inventory"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
)

// Action is what a way does.
type Action string

// What can be done with a stack.
const (
	Nothing          Action = "nothing"           // it is well
	Watch            Action = "watch"             // an operation is running
	Leave            Action = "leave"             // somebody else's plan is waiting
	Delete           Action = "delete"            // nothing of it can be used
	Undo             Action = "undo"              // take the kept creation back, then delete what is left of the stack
	RollBack         Action = "roll-back"         // take the kept update back
	ContinueRollback Action = "continue-rollback" // go on with the rollback that failed
)

// State is all that is known of a site's tree of stacks.
type State struct {
	Site        string
	Environment string
	Production  bool
	Caller      string // the name of who asks
	Stacks      []Stack
	Pending     []cfn.ChangeSetSummary // of a stack in review
}

// Stack is one stack of the tree, the root first.
type Stack struct {
	cfn.Stack
	Path      []string // logical ids from the root; empty for the root
	Gone      bool     // its parent believes in it, and it is not there any more
	Resources []cfn.Resource
	Template  *template.Template // as deployed; nil when nobody could read it
	Last      []events.Event     // of its last rollback or deletion, the newest first
}

// Blocker is a resource that holds a rollback or a deletion up.
type Blocker struct {
	Name     string // Data/Database: how a person names it
	Skip     string // how CloudFormation wants it named: site-Data-1A2B.Database
	Type     string
	Reason   string
	Stateful bool
	Left     bool // it is to be skipped, or left behind
}

// Protection is what keeps a resource from being deleted.
type Protection struct {
	Name       string // Data/Database, or the site's name for the root stack
	Type       string
	Identifier string // the physical id
}

// left reports whether it protects something that is to be left behind: that stays protected.
func (p Protection) left(s Blocker) bool { return s.Left && s.Name == p.Name }

// Remedy is what to do about a stack, and why.
type Remedy struct {
	Action    Action
	Status    status.Status // of the root; empty when there is no stack
	Meaning   string        // what the status says
	Steps     []string      // what will be done, in order
	Next      string        // what a person does afterwards
	BlockedBy []Blocker
	Unprotect []Protection // to be lifted before anything can be deleted
	Foreign   []string     // change sets of others

	Leftovers []Leftover // what creations that never served left behind, or will
	Dispose   bool       // they are to be deleted
}

// remains adds what is left behind, and its deletion when that is wanted.
func (w *Remedy) remains(all []Leftover, dispose bool) {
	w.Leftovers, w.Dispose = all, dispose && slices.ContainsFunc(all, Leftover.deletable) && w.Action != Leave
	if !w.Dispose {
		return
	}
	w.Steps = append(w.Steps, "delete what is listed as left behind, with all that is in it")
	if slices.ContainsFunc(all, func(l Leftover) bool { return l.isKey() && l.deletable() }) {
		w.Steps = append(w.Steps, "schedule its keys for deletion: AWS deletes them after a waiting period of up to 30 days (aws kms cancel-key-deletion keeps one)")
	}
}

// Deletes reports whether the way ends with the stack's deletion.
func (w *Remedy) Deletes() bool { return w.Action == Delete || w.Action == Undo }

// spare tells an inventory what is left behind, whatever its template says.
func (w *Remedy) spare(i *inventory.Inventory) {
	for n, h := range i.Holdings {
		name := strings.Join(append(slices.Clone(h.Path), h.LogicalID), "/")
		if slices.ContainsFunc(w.BlockedBy, func(s Blocker) bool { return s.Left && s.Name == name }) {
			i.Holdings[n].Fate = changeset.Retained
		}
	}
}

// root is the first stack of the tree; nothing when there is none.
func (s State) root() Stack {
	if len(s.Stacks) == 0 {
		return Stack{}
	}
	return s.Stacks[0]
}

// Choose picks the one right way. Of what is stuck, skip names what is to be given up: as Data/Database or as CloudFormation names it.
func Choose(s State, skip []string) (*Remedy, error) {
	root := s.root()
	w := &Remedy{Status: root.Status}
	switch {
	case root.Status == "":
		w.Action, w.Meaning = Nothing, "there is no stack"
		w.Next = "create it with: deploy up " + s.Environment
	case root.Running():
		w.Action, w.Meaning = Watch, "an operation is running"
		w.Next = "follow it with: deploy watch " + s.Environment
	default:
		s.choose(w)
	}
	if err := w.leave(skip); err != nil {
		return nil, err
	}
	if w.Deletes() {
		w.Unprotect = slices.DeleteFunc(s.protections(), func(p Protection) bool { return slices.ContainsFunc(w.BlockedBy, p.left) })
		w.Steps = append(w.lifting(), w.Steps...)
	}
	return w, nil
}

func (s State) choose(w *Remedy) {
	again := "then create it anew with: deploy up " + s.Environment
	switch w.Status {
	case status.CreateComplete, status.UpdateComplete, status.UpdateRollbackComplete, status.ImportComplete, status.ImportRollbackComplete:
		w.Action, w.Meaning = Nothing, "nothing is wrong with it; a deployment can start from here"
	case status.ReviewInProgress:
		s.review(w)
	case status.RollbackComplete:
		w.Action, w.Meaning, w.Next = Delete, "its creation failed and was taken back; nothing of it runs, and it can't be updated", again
		w.Steps = []string{"delete the empty stack"}
	case status.CreateFailed:
		w.Action, w.Meaning, w.Next = Undo, "its creation failed and was kept as it was, for somebody to look at", again
		w.Steps = []string{
			"take the creation back: only that also deletes what is otherwise kept (the policy RetainExceptOnCreate)",
			"delete the empty stack",
		}
	case status.RollbackFailed:
		w.Action, w.Meaning, w.Next = Delete, "its creation failed, and not all of it could be deleted again", again
		w.BlockedBy = s.left()
		w.Steps = []string{"delete the stack with what is left of it"}
	case status.DeleteFailed:
		w.Action, w.Meaning, w.Next = Delete, "it was to be deleted, and not all of it could be", again
		w.BlockedBy = s.left()
		w.Steps = []string{"delete the stack again"}
	case status.UpdateFailed:
		w.Action, w.Meaning = RollBack, "an update failed and was kept as it was, for somebody to look at"
		w.Steps = []string{"take the update back: the site becomes what it was before"}
	case status.UpdateRollbackFailed:
		w.Action, w.Meaning = ContinueRollback, "an update failed, and going back failed too"
		w.BlockedBy = s.blockers()
		w.Steps = []string{"go on with the rollback, trying again what failed"}
	default:
		w.Action, w.Meaning, w.Next = Leave, "this program does not know that status", "look at it in the CloudFormation console"
	}
}

// review decides about a stack that was planned and never created. A plan of somebody else's is theirs to delete, whatever
// program made it.
func (s State) review(w *Remedy) {
	w.Action, w.Meaning = Delete, "it was planned and never created; there is nothing in it"
	w.Steps = []string{"delete the empty stack"}
	for _, p := range s.Pending {
		whose := fmt.Sprintf("%s, made %s", p.Name, p.Created.UTC().Format("2006-01-02 15:04 MST"))
		if p.Description != "" {
			whose += fmt.Sprintf(" (%s)", p.Description)
		}
		if !ownership.PlannedBy(p, s.Caller) {
			w.Foreign = append(w.Foreign, whose)
			continue
		}
		w.Steps = append([]string{"give up your own plan " + whose}, w.Steps...)
	}
	if len(w.Foreign) > 0 {
		w.Action, w.Meaning = Leave, "it was planned and never created, and a plan for it is somebody else's"
		w.Steps, w.Next = nil, "ask them, or delete their change set first, if nobody needs it"
	}
}

func (w *Remedy) lifting() []string {
	var all []string
	for _, p := range w.Unprotect {
		all = append(all, "lift the deletion protection of "+p.Name)
	}
	return all
}

// leave marks what is to be given up.
func (w *Remedy) leave(names []string) error {
	for _, name := range names {
		i := slices.IndexFunc(w.BlockedBy, func(s Blocker) bool { return s.Name == name || s.Skip == name })
		if i < 0 {
			return w.unknown(name)
		}
		w.BlockedBy[i].Left = true
		does := "skip " + w.BlockedBy[i].Name + ": it stays as the failed update left it"
		if w.Deletes() {
			does = "leave " + w.BlockedBy[i].Name + " behind, without a stack"
		}
		w.Steps = append(w.Steps[:len(w.Steps)-1:len(w.Steps)-1], does, w.Steps[len(w.Steps)-1])
	}
	return nil
}

func (w *Remedy) unknown(name string) error {
	err := outcome.Errorf(outcome.Failed, "%s holds nothing up, so it can't be skipped", name)
	var names []string
	for _, s := range w.BlockedBy {
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return err.Advise("leave --skip out")
	}
	return err.Advise("what can be skipped: %s", strings.Join(names, ", "))
}
