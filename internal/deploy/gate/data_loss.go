package gate

import (
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/compare"
)

// dataLoss finds every resource with data that goes, in any stack. One that stays behind counts too: the site goes on without it,
// with a new and empty one.
func dataLoss(f Facts) []Finding {
	if f.Changes == nil {
		return nil
	}
	var all []Finding
	for _, found := range f.Changes.Dangerous(changeset.TouchesData) {
		path := strings.Join(found.Stack.Path, "/")
		all = append(all, Finding{
			Code:       DataLoss,
			Subject:    subject(path, found.Item.LogicalID),
			What:       f.loss(found),
			Steps:      dataSteps(found.Item.Action),
			LastResort: acceptData,
		})
	}
	return all
}

func (f Facts) loss(found changeset.Located) string {
	if !found.Item.NestedStack() {
		return found.Item.Type + " " + verb(found.Item.Action) + "; its data: " + fate(found.Item.Fate)
	}
	return "the stack " + verb(found.Item.Action) + " with all that is in it" + f.inside(strings.Join(append(slices.Clone(found.Stack.Path), found.Item.LogicalID), "/"))
}

// inside names what holds data in a stack that goes, by its deployed template.
func (f Facts) inside(path string) string {
	var all []string
	for _, s := range f.Stacks {
		if s.Path != path {
			continue
		}
		for _, r := range compare.Resources(s.Old, nil) {
			if changeset.Holds(nil).Data(nil, r.ID, r.Type) {
				all = append(all, r.ID+" ("+r.Type+")")
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	return ": " + strings.Join(all, ", ")
}

func verb(a changeset.Action) string {
	switch a {
	case changeset.Remove:
		return "is removed"
	case changeset.Replace:
		return "is replaced by a new, empty one"
	case changeset.PerhapsReplace:
		return "is perhaps replaced by a new, empty one"
	}
	return "may go: CloudFormation cannot say"
}

func fate(f changeset.Fate) string {
	switch f {
	case changeset.Retained:
		return "stays in the account, but no longer belongs to the site"
	case changeset.Snapshot:
		return "a last snapshot is taken, then it is deleted"
	case changeset.Deleted:
		return "deleted with it"
	}
	return "CloudFormation does not say, so held for deleted"
}

// acceptData is the last resort of a finding about data.
const acceptData = "accept it by name, with the reason"

func dataSteps(a changeset.Action) []string {
	steps := []string{"make a backup, and try to restore it elsewhere"}
	if a != changeset.Remove {
		steps = append(steps, "plan how the data comes into the new one: it starts empty")
	}
	return steps
}
