package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"distributed-moodle/internal/changeset"
	"distributed-moodle/internal/compare"
)

// exportsInUse finds exports that go or change their value while a stack imports them. CloudFormation refuses both, inside one tree
// too, so a plan that has one will fail, and says how the same is reached in order.
func exportsInUse(f Facts) []Finding {
	replaced := replacedResources(f.Changes)
	var all []Finding
	for _, s := range f.Stacks {
		old, new := compare.Exports(s.Old), compare.Exports(s.New)
		for _, name := range slices.Sorted(maps.Keys(old)) {
			users := f.importersOf(name, s.Path)
			if len(users) == 0 {
				continue
			}
			after, kept := new[name]
			why := ""
			if kept {
				why = changedValue(s.Path, old[name], after, replaced)
			} else {
				why = "is removed"
			}
			if why == "" {
				continue
			}
			all = append(all, Finding{
				Code:    ExportInUse,
				Subject: subject(s.Path, old[name].Key),
				What:    fmt.Sprintf("export %s %s, and %s: CloudFormation will refuse it", name, why, imported(users)),
				Fails:   true,
				Steps:   exportSteps(kept, name, users),
			})
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

// changedValue says why an export that stays will not have the same value, or nothing.
func changedValue(path string, old, new compare.Export, replaced map[string]changeset.Action) string {
	for key, action := range replaced {
		stack, id, _ := strings.Cut(key, "\x00")
		if stack != path || !compare.RefersTo(new.Value, id) {
			continue
		}
		if action == changeset.PerhapsReplace {
			return "perhaps changes its value, since " + id + " is perhaps replaced"
		}
		return "changes its value, since " + id + " is replaced"
	}
	if compare.Text(old.Value) != compare.Text(new.Value) {
		return fmt.Sprintf("changes its value from %s to %s", compare.Text(old.Value), compare.Text(new.Value))
	}
	return ""
}

// replacedResources are the resources that may get another id, by stack path and logical id.
func replacedResources(changes *changeset.Stack) map[string]changeset.Action {
	all := map[string]changeset.Action{}
	if changes == nil {
		return all
	}
	changes.Walk(func(s *changeset.Stack) {
		for _, item := range s.Items {
			if item.Action == changeset.Replace || item.Action == changeset.PerhapsReplace {
				all[strings.Join(s.Path, "/")+"\x00"+item.LogicalID] = item.Action
			}
		}
	})
	return all
}

// importersOf are the stacks that import an export now: those of the tree by their deployed templates, others as AWS lists them.
func (f Facts) importersOf(name, exporter string) []string {
	users := slices.Clone(f.Importers[name])
	for _, s := range f.Stacks {
		if s.Path != exporter && compare.Imports(s.Old)[name] {
			users = append(users, "stack "+s.Path)
		}
	}
	slices.Sort(users)
	return users
}

func exportSteps(kept bool, name string, users []string) []string {
	if kept {
		return []string{
			"add the new resource beside the old one, under a new logical id and with a new export; deploy",
			"let " + strings.Join(users, ", ") + " import the new export; deploy",
			"remove the old resource and its export; deploy",
		}
	}
	return []string{
		"keep the export, and let " + strings.Join(users, ", ") + " do without it; deploy",
		"remove export " + name + "; deploy",
	}
}
