package gate

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
)

// exportsInUse finds exports that go or change their value while a stack imports them. CloudFormation refuses both,
// inside one tree too, so a plan that has one will fail, and says so before.
func exportsInUse(f Facts) []Finding {
	var all []Finding
	for _, e := range f.movingExports() {
		users := f.importersOf(e.Name, e.stack)
		if len(users) == 0 {
			continue
		}
		all = append(all, Finding{
			Code:    ExportInUse,
			Subject: e.stack.Path.Resource(e.Key).String(),
			Facts:   e.facts(),
			What:    fmt.Sprintf("export %s %s, and %s: CloudFormation will refuse it", e.Name, e.why, imported(users)),
			Fails:   true,
			Steps:   exportSteps(e.Name, f.Importers[e.Name], users),
		})
	}
	return all
}

// MovingExports names the exports that go or may change their value, sorted by stack and name: those whose importers
// [Facts.Importers] must know.
func MovingExports(f Facts) []string {
	var names []string
	for _, e := range f.movingExports() {
		names = append(names, e.Name)
	}
	return names
}

// moving is an export that does not stay as it is.
type moving struct {
	template.Export
	after    template.Export // as it will be, if it stays
	replaced string          // logical id of the resource whose replacement changes the value, if one does
	stack    Stack
	why      string // is removed; changes its value, …
}

// facts are the export's value before and after, or the resource whose replacement changes it.
func (m moving) facts() []Fact {
	if m.after.Value.Exists() && m.Value.Equal(m.after.Value) {
		return []Fact{{Path: "replaced", Before: m.replaced}}
	}
	return []Fact{fact("Value", m.Value, m.after.Value)}
}

func (f Facts) movingExports() []moving {
	replaced := replacedResources(f.Changes)
	var all []moving
	for _, s := range f.Stacks {
		old, new := s.Old.Exports(), s.New.Exports()
		for _, name := range slices.Sorted(maps.Keys(old)) {
			after, kept := new[name]
			why, cause := "is removed", ""
			if kept {
				why, cause = changedValue(s.Path, old[name], after, replaced)
			}
			if why != "" {
				all = append(all, moving{old[name], after, cause, s, why})
			}
		}
	}
	return all
}

func imported(users []string) string {
	if len(users) == 1 {
		return users[0] + " imports it"
	}
	return strings.Join(users, ", ") + " import it"
}

// changedValue says why an export that stays will not have the same value, or nothing, and which resource's replacement
// is the cause.
func changedValue(
	path address.Path, old, new template.Export, replaced map[address.Resource]changeset.Action,
) (why, cause string) {
	for _, id := range slices.Sorted(idsIn(path, replaced)) {
		action := replaced[path.Resource(id)]
		if !new.Value.RefersTo(id) {
			continue
		}
		if action == changeset.PerhapsReplace {
			return "may change its value, since " + id + " may be replaced", id
		}
		return "changes its value, since " + id + " is replaced", id
	}
	if !old.Value.Equal(new.Value) {
		return fmt.Sprintf("changes its value from %s to %s", old.Value, new.Value), ""
	}
	return "", ""
}

// idsIn returns the logical ids of those resources that are in one stack.
func idsIn(path address.Path, resources map[address.Resource]changeset.Action) iter.Seq[string] {
	return func(yield func(string) bool) {
		for r := range resources {
			if r.Path().Equal(path) && !yield(r.LogicalID) {
				return
			}
		}
	}
}

// replacedResources are the resources that may get another id, by address.
func replacedResources(changes *changeset.Stack) map[address.Resource]changeset.Action {
	all := map[address.Resource]changeset.Action{}
	if changes == nil {
		return all
	}
	changes.Walk(func(s *changeset.Stack) {
		for _, item := range s.Items {
			if item.Action == changeset.Replace || item.Action == changeset.PerhapsReplace {
				all[s.Path.Resource(item.LogicalID)] = item.Action
			}
		}
	})
	return all
}

// importersOf returns the stacks that block the removal of an export: those of the tree by their deployed templates,
// others as AWS lists them. A nested stack is deleted last, after the others have been updated: for its exports the new
// templates count.
func (f Facts) importersOf(name string, exporter Stack) []string {
	users := slices.Clone(f.Importers[name])
	for _, s := range f.Stacks {
		seen := s.Old
		if exporter.New == nil {
			seen = s.New
		}
		if !s.Path.Equal(exporter.Path) && seen.Imports(name) {
			users = append(users, "stack "+s.Path.String())
		}
	}
	slices.Sort(users)
	return users
}

// exportSteps says what can be done. Another stack of the account may let go of the export; a stack of the site itself
// can't, since no environment file says that an import goes before its export does.
func exportSteps(name string, outside, users []string) []string {
	var steps []string
	if len(outside) > 0 {
		steps = append(steps, fmt.Sprintf(
			"%s is not of this site: ask its owner to import something else, until "+
				"aws cloudformation list-imports --export-name %s no longer names it",
			strings.Join(outside, ", "), name,
		))
	}
	if len(users) > len(outside) {
		steps = append(
			steps,
			"this change cannot be made on a deployed site yet: take it back in the environment file, and generate again",
			"the way to it is a new site: an environment file with another site, then deploy up, and move data and name",
		)
	}
	return steps
}
