package template

import (
	"maps"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
)

// Pair is the deployed and the new template of one stack. Old is nil when the stack is new, New when it is removed.
type Pair struct {
	Path      address.Path // logical ids from the root
	Old, New  *Template
	MayChange []string // parameters of the stack whose values may change
}

// reportedAttributes are the resource attributes whose change a change set reports. DependsOn only orders.
var reportedAttributes = []string{"CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy"}

// Changes returns what a deployment changes in the stack, as a change set would list it, with what follows from another
// change. A replacement is certain only where a literal value of a property that forces one differs; where an intrinsic
// function computes the value, it is [changeset.PerhapsReplace].
func (p Pair) Changes(holds changeset.Holds) []changeset.Item {
	items := map[string]*changeset.Item{}
	for _, d := range Differences(p.Old, p.New) {
		if item := p.item(d, holds); item != nil {
			items[d.LogicalID] = item
		}
	}
	p.follow(items, holds)
	p.addMetadata(items, holds)
	all := make([]changeset.Item, 0, len(items))
	for _, id := range slices.Sorted(maps.Keys(items)) {
		all = append(all, *items[id])
	}
	return all
}

// newItem returns a change of a resource that is in both templates.
func (p Pair) newItem(action changeset.Action, r Resource, holds changeset.Holds) *changeset.Item {
	return &changeset.Item{
		Action:    action,
		LogicalID: r.LogicalID,
		Type:      r.Type,
		Stateful:  holds.Data(p.Path, r.LogicalID, r.Type),
	}
}

// item returns the change of one resource, by the texts of the two templates; nil when a change set would not report
// it.
func (p Pair) item(d Difference, holds changeset.Holds) *changeset.Item {
	switch {
	case !d.Old.Exists():
		return p.newItem(changeset.Add, d.New, holds)
	case !d.New.Exists():
		item := p.newItem(changeset.Remove, d.Old, holds)
		item.PolicyAction = d.Old.OnDeletion()
		return item
	case d.Old.Type != d.New.Type: // CloudFormation refuses it; what it would remove is the old one
		item := p.newItem(changeset.Replace, d.Old, holds)
		item.Stateful = item.Stateful || holds.Data(p.Path, d.LogicalID, d.New.Type)
		item.PolicyAction = onReplacement(d.Old, d.New)
		item.Properties = []changeset.Property{
			{Path: "Type", Before: d.Old.Type, After: d.New.Type, HasValues: true, Recreation: changeset.Always},
		}
		return item
	}
	item := p.newItem(changeset.Change, d.New, holds)
	for _, c := range d.Properties {
		property := asWritten("Properties/"+slashed(c.Path), c.Old, c.New)
		property.Recreation = c.Recreation
		item.Properties = append(item.Properties, property)
	}
	for _, c := range d.Attributes {
		if name, _, _ := strings.Cut(c.Path, "."); slices.Contains(reportedAttributes, name) {
			item.Properties = append(item.Properties, asWritten(slashed(c.Path), c.Old, c.New))
		}
	}
	if len(item.Properties) == 0 {
		return nil
	}
	deriveAction(item, d.Old, d.New)
	return item
}

// addMetadata adds changes of Metadata, from which nothing follows.
func (p Pair) addMetadata(items map[string]*changeset.Item, holds changeset.Holds) {
	for _, new := range p.New.Resources() {
		old := p.Old.Resource(new.LogicalID)
		if !old.Exists() || old.Type != new.Type || old.Attribute("Metadata").Equal(new.Attribute("Metadata")) {
			continue
		}
		item := items[new.LogicalID]
		if item == nil {
			item = p.newItem(changeset.Change, new, holds)
			items[new.LogicalID] = item
		}
		item.Properties = append(item.Properties, changeset.Property{Path: "Metadata"})
		item.Scope = append(item.Scope, "Metadata")
	}
}

func slashed(path string) string { return strings.ReplaceAll(path, ".", "/") }

// asWritten returns a change with its values as the templates have them. What an intrinsic function computes may be the
// same as before.
func asWritten(path string, old, new Value) changeset.Property {
	return changeset.Property{
		Path: path, Before: changeset.Redact(path, old.String()), After: changeset.Redact(path, new.String()),
		HasValues: true,
		Dynamic:   old.Computed() || new.Computed(),
	}
}

// deriveAction derives from the changes of its properties what happens to a resource that is in both templates.
func deriveAction(item *changeset.Item, old, new Resource) {
	item.Action, item.PolicyAction, item.Scope = changeset.Change, "", nil
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
		item.Action, item.PolicyAction = changeset.Dynamic, changeset.PolicyUnknown
	} else if item.Action.MayRemoveExisting() {
		item.PolicyAction = onReplacement(old, new)
	}
}
