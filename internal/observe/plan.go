package observe

import (
	"context"
	"maps"
	"slices"
	"strings"

	"distributed-moodle/internal/changeset"
	"distributed-moodle/internal/gate"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/templatefile"
)

// Plan looks at what a plan for a site is about to make, and at what of the site is deployed, stacks that the plan leaves alone
// included.
func (o *Observer) Plan(ctx context.Context, site *manifest.Site, changes *changeset.Stack) Report {
	notes := &Report{}
	report := o.Observe(ctx, templates(site, changes), o.deployed(ctx, notes, changes), holds(site.Manifest))
	report.Notes = append(notes.Notes, report.Notes...)
	return report
}

// templates are the site's, each beside one of only what the plan does not add: that is there already.
func templates(site *manifest.Site, changes *changeset.Stack) []gate.Stack {
	added, whole := map[string]bool{}, map[string]bool{}
	changes.Walk(func(s *changeset.Stack) {
		path := strings.Join(s.Path, "/")
		whole[path] = s.Action == changeset.Add
		for _, item := range s.Items {
			added[path+"/"+item.LogicalID] = item.Action == changeset.Add
		}
	})
	paths := map[string]string{"": site.Root.Path}
	for _, s := range site.Stacks {
		paths[s.LogicalID] = s.Template.Path
	}
	var all []gate.Stack
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		template, err := templatefile.Parse(site.Content[paths[path]])
		if err != nil { // CloudFormation has read it already
			continue
		}
		stack := gate.Stack{Path: path, New: template}
		if !whole[path] && !added["/"+path] {
			there := map[string]any{}
			for id, r := range section(template) {
				if !added[path+"/"+id] {
					there[id] = r
				}
			}
			stack.Old = map[string]any{"Resources": there}
		}
		all = append(all, stack)
	}
	return all
}

// deployed gives the ids of the root and of the stacks in it, by path.
func (o *Observer) deployed(ctx context.Context, r *Report, changes *changeset.Stack) map[string]string {
	if o.Drifts == nil || changes.Action == changeset.Add || changes.StackID == "" {
		return nil
	}
	all := map[string]string{"": changes.StackID}
	resources, err := o.Drifts.Resources(ctx, changes.StackID)
	if err != nil {
		r.note("which stacks are deployed could not be read" + why(err))
	}
	for _, resource := range resources {
		if resource.NestedStack() {
			all[resource.LogicalID] = resource.PhysicalID
		}
	}
	return all
}

// holds says what holds data, by the manifest.
func holds(m *manifest.Manifest) func(string) bool {
	stateful := map[string]bool{}
	paths := map[string]string{"site": ""}
	for _, s := range m.Stacks {
		paths[s.Name] = s.LogicalID + "/"
	}
	for _, r := range m.Resources {
		stateful[paths[r.Stack]+r.ID] = r.Stateful
	}
	return func(name string) bool { return stateful[name] }
}
