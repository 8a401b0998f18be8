package template

import (
	"slices"
	"strconv"

	"distributed-moodle/internal/cfn/changeset"
)

// follow adds what changes although its own text stays the same: a property that is computed from a resource which is
// replaced, from an attribute of one that changes, or from a parameter that may change; and what follows from that in
// turn.
func (p Pair) follow(items map[string]*changeset.Item, holds changeset.Holds) {
	for again := true; again; {
		again = false
		for _, new := range p.New.Resources() {
			old := p.Old.Resource(new.LogicalID)
			if !old.Exists() || old.Type != new.Type {
				continue
			}
			item := items[new.LogicalID]
			if item == nil {
				item = p.newItem(0, new, holds)
				item.Uncertain = true
			}
			if p.followOne(item, new, items) {
				deriveAction(item, old, new)
				items[new.LogicalID], again = item, true
			}
		}
	}
}

// followOne adds to a resource's change the properties that follow from others, and reports whether there were any.
func (p Pair) followOne(item *changeset.Item, resource Resource, items map[string]*changeset.Item) bool {
	added := false
	leaves("", resource.Properties().v, func(path string, value any) {
		full := "Properties/" + slashed(path)
		if slices.ContainsFunc(item.Properties, func(c changeset.Property) bool { return c.Path == full }) {
			return
		}
		for _, s := range sources(value) {
			if s.id == item.LogicalID || !p.mayChange(s, items) {
				continue
			}
			item.Properties = append(item.Properties, changeset.Property{
				Path: full, Recreation: recreation(item.Type, path), Dynamic: true, Cause: s.String(),
			})
			added = true
			return
		}
	})
	return added
}

// mayChange reports whether what a value is computed from may be something else afterwards.
func (p Pair) mayChange(s source, items map[string]*changeset.Item) bool {
	if slices.Contains(p.MayChange, s.id) {
		return true
	}
	item := items[s.id]
	return item != nil && (item.Action.MayRemoveExisting() || item.Action == changeset.Change && s.attribute != "")
}

// leaves visits each value of a property that is neither a mapping nor a list, with its dotted path; an intrinsic
// function is one value.
func leaves(path string, v any, visit func(path string, value any)) {
	if m := mapOf(v); m != nil && !isIntrinsic(m) {
		for _, key := range sortedKeys(m) {
			leaves(join(path, key), m[key], visit)
		}
		return
	}
	if list, ok := v.([]any); ok {
		for i, item := range list {
			leaves(join(path, strconv.Itoa(i)), item, visit)
		}
		return
	}
	visit(path, v)
}
