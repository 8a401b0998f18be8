package gate

import (
	"strings"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
)

// dataLoss finds every resource with data that goes, in any stack. One that stays behind counts too: the site goes on
// without it, with a new and empty one.
func dataLoss(f Facts) []Finding {
	all := f.lostOrigins()
	if f.Changes == nil {
		return all
	}
	for _, located := range f.Changes.Dangerous(changeset.TouchesData) {
		all = append(all, Finding{
			Code:       DataLoss,
			Subject:    located.Stack.Path.Resource(located.Item.LogicalID).String(),
			What:       f.loss(located),
			Facts:      f.lossFacts(located),
			Steps:      dataSteps(located.Item.Action),
			LastResort: acceptData,
		})
	}
	return all
}

func (f Facts) loss(located changeset.Located) string {
	if !located.Item.NestedStack() {
		return located.Item.Type + " " + verb(located.Item.Action) + "; the old one, with its data, " +
			located.Item.PolicyAction.Consequence()
	}
	return "the stack " + verb(
		located.Item.Action,
	) + " with everything in it" + f.inside(
		located.Stack.Path.Child(located.Item.LogicalID),
	)
}

// lossFacts are what goes and how, and what becomes of it; of a stack also each thing in it that holds data.
func (f Facts) lossFacts(located changeset.Located) []Fact {
	i := located.Item
	all := []Fact{{i.Type, i.Action.String(), string(i.PolicyAction)}}
	if i.NestedStack() {
		for _, name := range f.holdings(located.Stack.Path.Child(i.LogicalID)) {
			all = append(all, Fact{Path: "in it", Before: name})
		}
	}
	return all
}

func (f Facts) inside(path address.Path) string {
	all := f.holdings(path)
	if len(all) == 0 {
		return ""
	}
	return ": " + strings.Join(all, ", ")
}

// holdings names what holds data in a stack that goes, by its deployed template.
func (f Facts) holdings(path address.Path) []string {
	var all []string
	for _, s := range f.Stacks {
		if !s.Path.Equal(path) {
			continue
		}
		for _, r := range s.Old.Resources() {
			if changeset.Holds(nil).Data(nil, r.LogicalID, r.Type) {
				all = append(all, r.LogicalID+" ("+r.Type+")")
			}
		}
	}
	return all
}

func verb(a changeset.Action) string {
	switch a {
	case changeset.Remove:
		return "is removed"
	case changeset.Replace:
		return "is replaced by a new, empty one"
	case changeset.PerhapsReplace:
		return "may be replaced by a new, empty one"
	}
	return "may be removed: CloudFormation does not say"
}

// acceptData is the last resort of a finding about data.
const acceptData = "or pass --accept with the reason"

func dataSteps(a changeset.Action) []string {
	steps := []string{
		"make a backup (aws rds create-db-cluster-snapshot, aws backup start-backup-job), and try to restore it",
	}
	if a != changeset.Remove {
		steps = append(steps, "plan how to copy the data into the new one: it starts empty")
	}
	return steps
}
