package template

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/changeset"
)

// Pair is the deployed and the new template of one stack. Old is nil when the stack is new, New when it goes.
type Pair struct {
	Path     []string // logical ids from the root
	Old, New Template
	Perhaps  []string // parameters of the stack whose values may be others than they are
}

// reportedAttributes are the attributes of a resource whose change a change set tells of. DependsOn only orders.
var reportedAttributes = []string{"CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy"}

// Changes is what a deployment makes of the stack, as a change set would say it: also what follows from another change. A replacement
// is certain only where a literal value of a property that forces one differs; where an intrinsic works the value out, it is
// [changeset.PerhapsReplace].
func (p Pair) Changes(holds changeset.Holds) []changeset.Item {
	items := map[string]*changeset.Item{}
	for _, r := range Resources(p.Old, p.New) {
		if item := p.item(r, holds); item != nil {
			items[r.ID] = item
		}
	}
	p.follow(items, holds)
	p.remarks(items, holds)
	all := make([]changeset.Item, 0, len(items))
	for _, id := range slices.Sorted(maps.Keys(items)) {
		all = append(all, *items[id])
	}
	return all
}

// item is the change of one resource, by the texts of the two templates; nil when CloudFormation would not speak of it.
func (p Pair) item(r Resource, holds changeset.Holds) *changeset.Item {
	item := &changeset.Item{Action: changeset.Add, LogicalID: r.ID, Type: r.Type, Stateful: holds.Data(p.Path, r.ID, r.Type)}
	switch {
	case r.Old == nil:
		return item
	case r.New == nil:
		item.Action, item.Fate = changeset.Remove, Deletion(r.Old)
		return item
	case r.Old["Type"] != r.New["Type"]: // CloudFormation refuses it; what it would take is the old one
		item.Type = typeOf(r.Old, nil)
		item.Stateful = item.Stateful || holds.Data(p.Path, r.ID, item.Type)
		item.Action, item.Fate = changeset.Replace, replacement(r.Old, r.New)
		item.Properties = []changeset.Property{{Path: "Type", Before: item.Type, After: r.Type, HasValues: true, Recreation: changeset.Always}}
		return item
	}
	for _, c := range r.Properties {
		item.Properties = append(item.Properties, c.change())
	}
	for _, c := range r.Attributes {
		if name, _, _ := strings.Cut(c.Path, "."); slices.Contains(reportedAttributes, name) {
			item.Properties = append(item.Properties, written(slashed(c.Path), c.Old, c.New))
		}
	}
	if len(item.Properties) == 0 {
		return nil
	}
	deriveAction(item, r.Old, r.New)
	return item
}

// remarks adds what changes only in words: nothing follows from a resource's Metadata.
func (p Pair) remarks(items map[string]*changeset.Item, holds changeset.Holds) {
	before, after := section(p.Old, "Resources"), section(p.New, "Resources")
	for _, id := range keysOf(after, nil) {
		old, new := mapOf(before[id]), mapOf(after[id])
		if old == nil || old["Type"] != new["Type"] || reflect.DeepEqual(old["Metadata"], new["Metadata"]) {
			continue
		}
		item := items[id]
		if item == nil {
			kind := typeOf(new, nil)
			item = &changeset.Item{Action: changeset.Change, LogicalID: id, Type: kind, Stateful: holds.Data(p.Path, id, kind)}
			items[id] = item
		}
		item.Properties = append(item.Properties, changeset.Property{Path: "Metadata"})
		item.Scope = append(item.Scope, "Metadata")
	}
}

// change is a property's difference as a change set says it.
func (p Property) change() changeset.Property {
	c := written("Properties/"+slashed(p.Path), p.Old, p.New)
	c.Recreation = recreations[p.Replaces]
	return c
}

var recreations = map[Replaces]changeset.Recreation{Perhaps: changeset.Conditionally, Yes: changeset.Always}

func slashed(path string) string { return strings.ReplaceAll(path, ".", "/") }

// written is a change as it stands in the templates. What an intrinsic works out may be the same as before.
func written(path string, old, new any) changeset.Property {
	return changeset.Property{
		Path: path, Before: changeset.Redact(path, Text(old)), After: changeset.Redact(path, Text(new)), HasValues: true,
		Dynamic: len(causes(old)) > 0 || len(causes(new)) > 0,
	}
}

// deriveAction works out from the changes of its properties what becomes of a resource that stands in both templates.
func deriveAction(item *changeset.Item, old, new map[string]any) {
	item.Action, item.Fate, item.Scope = changeset.Change, "", nil
	for _, p := range item.Properties {
		switch {
		case p.Recreation == changeset.Always && !p.Dynamic:
			item.Action = changeset.Replace
		case p.Recreation != changeset.Never && item.Action == changeset.Change:
			item.Action = changeset.PerhapsReplace
		}
		if scope, _, _ := strings.Cut(p.Path, "/"); !slices.Contains(item.Scope, scope) {
			item.Scope = append(item.Scope, scope)
		}
	}
	if item.NestedStack() { // what is in it is not compared
		item.Action, item.Fate = changeset.Dynamic, changeset.FateUnknown
	} else if item.Action.MayRemoveExisting() {
		item.Fate = replacement(old, new)
	}
}
