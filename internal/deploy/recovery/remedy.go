// Package recovery knows what to do with a site's stack that no deployment can start from.
//
// [Choose] is pure: from everything that is known of a tree of stacks it decides what to do, with the reasons and with
// what that costs. [Recover] reads the tree, shows the steps, asks, runs them, and waits for the result.
package recovery

import (
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/inventory"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
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
	Path           address.Path // logical ids from the root; empty for the root
	Gone           bool         // its parent believes in it, and it is not there any more
	Resources      []cfn.Resource
	Template       *template.Template // as deployed; nil when nobody could read it
	RollbackEvents []events.Event     // of its last rollback or deletion, the newest first
}

// Blocker is a resource that holds a rollback or a deletion up.
type Blocker struct {
	Name           string // Data/Database: how a person names it
	ResourceToSkip string // how CloudFormation wants it named: site-Data-1A2B.Database
	Type           string
	Reason         string
	Stateful       bool
	Skipped        bool // it is to be skipped, or left behind
}

// Protection is what keeps a resource from being deleted.
type Protection struct {
	Name       string // Data/Database, or the site's name for the root stack
	Type       string
	Identifier string // the physical id
}

// isOfSkipped reports whether it protects something that is to be left behind: that stays protected.
func (p Protection) isOfSkipped(s Blocker) bool { return s.Skipped && s.Name == p.Name }

// Remedy is what to do about a stack, and why.
type Remedy struct {
	condition.Condition
	Status            status.Status // of the root; empty when there is no stack
	BlockedBy         []Blocker
	Unprotect         []Protection // to be turned off before anything can be deleted
	ForeignChangeSets []string     // change sets of others

	Leftovers       []Leftover // what creations that never served left behind, or will
	DeleteLeftovers bool       // they are to be deleted
}

// addLeftovers adds what is left behind, and its deletion when that is wanted.
func (remedy *Remedy) addLeftovers(all []Leftover, dispose bool) {
	remedy.Leftovers, remedy.DeleteLeftovers = all, dispose && slices.ContainsFunc(all, Leftover.deletable) &&
		remedy.Action != condition.Refuse
	if !remedy.DeleteLeftovers {
		return
	}
	remedy.Steps = append(remedy.Steps, "delete the listed leftovers, with all data in them")
	if slices.ContainsFunc(all, func(l Leftover) bool { return l.isKey() && l.deletable() }) {
		remedy.Steps = append(
			remedy.Steps,
			"schedule its keys for deletion: AWS deletes them after a waiting period of up to 30 days (aws kms cancel-key-deletion keeps one)",
		)
	}
}

// markRetained marks in an inventory what is retained, whatever its template says.
func (remedy *Remedy) markRetained(i *inventory.Inventory) {
	for n, h := range i.Holdings {
		name := h.Path.Resource(h.LogicalID).String()
		if slices.ContainsFunc(remedy.BlockedBy, func(s Blocker) bool { return s.Skipped && s.Name == name }) {
			i.Holdings[n].PolicyAction = changeset.PolicyRetain
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

// Choose decides what to do. Of what blocks a rollback or a deletion, skip names what is to be skipped or retained: as
// Data/Database or as CloudFormation names it.
func Choose(s State, skip []string) (*Remedy, error) {
	root := s.root()
	remedy := &Remedy{Status: root.Status, Condition: condition.Of(root.Status, s.Environment)}
	switch root.Status {
	case status.ReviewInProgress:
		s.review(remedy)
	case status.RollbackFailed, status.DeleteFailed:
		remedy.BlockedBy = s.undeleted()
	case status.UpdateRollbackFailed:
		remedy.BlockedBy = s.rollbackFailures()
	}
	if err := remedy.skip(skip); err != nil {
		return nil, err
	}
	if remedy.Action.Deletes() {
		remedy.Unprotect = slices.DeleteFunc(
			s.protections(), func(p Protection) bool { return slices.ContainsFunc(remedy.BlockedBy, p.isOfSkipped) },
		)
		remedy.Steps = append(remedy.unprotectSteps(), remedy.Steps...)
	}
	return remedy, nil
}

// review decides about a stack that was planned and never created. A plan of somebody else's is theirs to delete,
// whatever program made it.
func (s State) review(remedy *Remedy) {
	for _, p := range s.Pending {
		whose := fmt.Sprintf("%s, made %s", p.Name, p.Created.UTC().Format("2006-01-02 15:04 MST"))
		if p.Description != "" {
			whose += fmt.Sprintf(" (%s)", p.Description)
		}
		if !ownership.PlannedBy(p, s.Caller) {
			remedy.ForeignChangeSets = append(remedy.ForeignChangeSets, whose)
			continue
		}
		remedy.Steps = append([]string{"delete your own change set " + whose}, remedy.Steps...)
	}
	if len(remedy.ForeignChangeSets) > 0 {
		remedy.Action, remedy.Meaning = condition.Refuse, "it was planned and never created, and a plan for it is somebody else's"
		remedy.Steps, remedy.Next = nil, "ask them, or delete their change set first, if nobody needs it"
	}
}

func (remedy *Remedy) unprotectSteps() []string {
	var all []string
	for _, p := range remedy.Unprotect {
		all = append(all, "turn off the deletion protection of "+p.Name)
	}
	return all
}

// skip marks what is to be skipped or, in a deletion, retained.
func (remedy *Remedy) skip(names []string) error {
	for _, name := range names {
		i := slices.IndexFunc(
			remedy.BlockedBy, func(s Blocker) bool { return s.Name == name || s.ResourceToSkip == name },
		)
		if i < 0 {
			return remedy.errNotABlocker(name)
		}
		remedy.BlockedBy[i].Skipped = true
		step := "skip " + remedy.BlockedBy[i].Name + ": it stays as the failed update left it"
		if remedy.Action.Deletes() {
			step = "retain " + remedy.BlockedBy[i].Name + ": it stays, without a stack"
		}
		remedy.Steps = append(
			remedy.Steps[:len(remedy.Steps)-1:len(remedy.Steps)-1], step, remedy.Steps[len(remedy.Steps)-1],
		)
	}
	return nil
}

func (remedy *Remedy) errNotABlocker(name string) error {
	err := outcome.Errorf(outcome.Failed, "%s does not block anything, so it can't be skipped", name)
	var names []string
	for _, s := range remedy.BlockedBy {
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return err.Advise("leave --skip out")
	}
	return err.Advise("what can be skipped: %s", strings.Join(names, ", "))
}
