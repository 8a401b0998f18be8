package template

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/stateful"
)

func (r *renderer) resource(res *Resource) entry {
	r.where = res.ID + " (" + res.builder + ")"
	e := entry{why: res.why, key: res.ID, body: &yaml.Node{Kind: yaml.MappingNode}}
	if strings.TrimSpace(res.why) == "" {
		r.fault("has no reason: pass one to Add")
	}
	v := reflect.Indirect(reflect.ValueOf(res.properties))
	for _, name := range []string{"DependsOn", "Metadata", "DeletionPolicy", "UpdateReplacePolicy", "Condition"} {
		if attribute(v, name).IsValid() {
			r.fault("%s was set on goformation's struct; use the builder's DependsOn, Accept, Retain or Snapshot", name)
		}
	}
	if stateful.Always(res.Type) && res.keep == (keep{}) {
		r.fault("%s holds data: call Retain, RetainExceptOnCreate, Snapshot or Disposable", res.Type)
	}
	put := func(key string, value *yaml.Node) {
		if value != nil {
			e.body.Content = append(e.body.Content, mapping(key, value).Content...)
		}
	}
	put("Type", r.scalar(res.Type))
	put("Metadata", r.metadata(res.exceptions))
	put("DependsOn", r.dependsOn(res.after))
	put("CreationPolicy", r.attribute(v, "CreationPolicy"))
	put("UpdatePolicy", r.attribute(v, "UpdatePolicy"))
	put("DeletionPolicy", r.optional(res.keep.onDelete))
	put("UpdateReplacePolicy", r.optional(res.keep.onReplace))
	put("Properties", r.properties(res, v))
	return e
}

// attribute returns a key of a resource other than Type and Properties that goformation keeps in a field of its own; invalid if not set.
func attribute(v reflect.Value, name string) reflect.Value {
	if f := v.FieldByName("AWSCloudFormation" + name); f.IsValid() && !isEmpty(f) {
		return f
	}
	return reflect.Value{}
}

func (r *renderer) attribute(v reflect.Value, name string) *yaml.Node {
	if f := attribute(v, name); f.IsValid() {
		return r.value(f)
	}
	return nil
}

func (r *renderer) properties(res *Resource, v reflect.Value) *yaml.Node {
	props := r.structure(v)
	for _, o := range res.overrides {
		if !set(props, strings.Split(o.path, "."), r.value(reflect.ValueOf(o.value))) {
			r.fault("Set(%q): a part of the path is not a structure", o.path)
		}
	}
	if len(props.Content) == 0 {
		return nil
	}
	return props
}

func (r *renderer) dependsOn(ids []string) *yaml.Node {
	for _, id := range ids {
		r.refs = append(r.refs, reference{r.where, id})
	}
	switch len(ids) {
	case 0:
		return nil
	case 1:
		return r.scalar(ids[0])
	}
	return r.value(reflect.ValueOf(ids))
}

// metadata writes exceptions as checkov and cfn-lint read them.
func (r *renderer) metadata(exceptions []exception) *yaml.Node {
	skips, ignored := &yaml.Node{Kind: yaml.SequenceNode}, &yaml.Node{Kind: yaml.SequenceNode}
	for _, e := range exceptions {
		if e.isCheckov() {
			skips.Content = append(skips.Content, mapping("id", r.scalar(e.rule), "comment", r.scalar(e.reason)))
			continue
		}
		rule := r.scalar(e.rule)
		rule.LineComment = e.reason
		ignored.Content = append(ignored.Content, rule)
	}
	all := &yaml.Node{Kind: yaml.MappingNode}
	if len(ignored.Content) > 0 {
		all.Content = append(all.Content, mapping("cfn-lint", mapping("config", mapping("ignore_checks", ignored))).Content...)
	}
	if len(skips.Content) > 0 {
		all.Content = append(all.Content, mapping("checkov", mapping("skip", skips)).Content...)
	}
	if len(all.Content) == 0 {
		return nil
	}
	return all
}

func (r *renderer) optional(s string) *yaml.Node {
	if s == "" {
		return nil
	}
	return r.scalar(s)
}

// set writes a value at a dotted path, in alphabetical order among its siblings; an index selects an item of an existing list.
func set(n *yaml.Node, path []string, v *yaml.Node) bool {
	if n.Kind == yaml.SequenceNode {
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(n.Content) || len(path) == 1 {
			return false
		}
		return set(n.Content[i], path[1:], v)
	}
	if n.Kind != yaml.MappingNode {
		return false
	}
	n.Style = 0
	i := 0
	for ; i < len(n.Content) && n.Content[i].Value < path[0]; i += 2 {
	}
	exists := i < len(n.Content) && n.Content[i].Value == path[0]
	if !exists {
		n.Content = slices.Insert(n.Content, i, plain(path[0]), &yaml.Node{Kind: yaml.MappingNode})
	}
	if len(path) > 1 {
		return set(n.Content[i+1], path[1:], v)
	}
	n.Content[i+1] = v
	return true
}
