package template

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"distributed-moodle/internal/cfn/changeset"
)

// follow adds what changes though its own text stays the same: a property that is worked out from a resource which is replaced, from
// an attribute of one that changes, or from a parameter that perhaps changes; and what follows from that in turn.
func (p Pair) follow(items map[string]*changeset.Item, holds changeset.Holds) {
	before, after := section(p.Old, "Resources"), section(p.New, "Resources")
	for again := true; again; {
		again = false
		for _, id := range keysOf(after, nil) {
			old, new := mapOf(before[id]), mapOf(after[id])
			if old == nil || old["Type"] != new["Type"] {
				continue
			}
			item := items[id]
			if item == nil {
				kind := typeOf(new, nil)
				item = &changeset.Item{LogicalID: id, Type: kind, Stateful: holds.Data(p.Path, id, kind), Uncertain: true}
			}
			if p.followOne(item, new, items) {
				deriveAction(item, old, new)
				items[id], again = item, true
			}
		}
	}
}

// followOne adds to a resource's change the properties that follow from others, and reports whether there were any.
func (p Pair) followOne(item *changeset.Item, resource map[string]any, items map[string]*changeset.Item) bool {
	found := false
	leaves("", resource["Properties"], func(path string, value any) {
		full := "Properties/" + slashed(path)
		if slices.ContainsFunc(item.Properties, func(c changeset.Property) bool { return c.Path == full }) {
			return
		}
		for _, c := range causes(value) {
			if c.id == item.LogicalID || !p.mayChange(c, items) {
				continue
			}
			item.Properties = append(item.Properties, changeset.Property{
				Path: full, Recreation: recreations[replaces(item.Type, path)], Dynamic: true, Cause: c.String(),
			})
			found = true
			return
		}
	})
	return found
}

// mayChange reports whether what a value is worked out from may be something else afterwards.
func (p Pair) mayChange(c cause, items map[string]*changeset.Item) bool {
	if slices.Contains(p.Perhaps, c.id) {
		return true
	}
	item := items[c.id]
	return item != nil && (item.Action.MayRemoveExisting() || item.Action == changeset.Change && c.attribute != "")
}

// leaves visits each value of a property that is no mapping or list, with its dotted path; an intrinsic is one value.
func leaves(path string, v any, visit func(path string, value any)) {
	if m := mapOf(v); m != nil && !isIntrinsic(m) {
		for _, key := range keysOf(m, nil) {
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

// cause is what a value is worked out from: a resource or a parameter, or an attribute of a resource.
type cause struct{ id, attribute string }

func (c cause) String() string {
	if c.attribute == "" {
		return c.id
	}
	return c.id + "." + c.attribute
}

// causes lists what a value is worked out from, and anything else that only an intrinsic knows as one without an id.
func causes(v any) []cause {
	var all []cause
	walk(v, func(name string, arg any) {
		switch name {
		case "Ref":
			id, _ := arg.(string)
			all = append(all, cause{id: id})
		case "Fn::GetAtt":
			id, attribute := attributeOf(arg)
			all = append(all, cause{id, attribute})
		case "Fn::Sub":
			all = append(all, inText(arg)...)
		default:
			all = append(all, cause{})
		}
	})
	return all
}

func attributeOf(arg any) (id, attribute string) {
	if list, ok := arg.([]any); ok {
		id, _ = at(list, 0).(string)
		return id, Text(at(list, 1))
	}
	text, _ := arg.(string)
	id, attribute, _ = strings.Cut(text, ".")
	return id, attribute
}

var inSub = regexp.MustCompile(`\$\{([A-Za-z0-9:]+)(?:\.([A-Za-z0-9.]+))?\}`)

// inText lists what the text of a !Sub names. Values of its own that it may be given are intrinsics themselves, and walked besides.
func inText(arg any) []cause {
	if list, ok := arg.([]any); ok {
		arg = at(list, 0)
	}
	text, _ := arg.(string)
	all := []cause{{}}
	for _, m := range inSub.FindAllStringSubmatch(text, -1) {
		all = append(all, cause{m[1], m[2]})
	}
	return all
}
