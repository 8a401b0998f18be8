package template

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// attributes are a resource's keys beside Type and Properties that goformation's struct carries, in the order they are written.
type attributes struct {
	Properties     json.RawMessage
	CreationPolicy json.RawMessage
	UpdatePolicy   json.RawMessage

	DependsOn, Metadata, DeletionPolicy, UpdateReplacePolicy, Condition json.RawMessage // these are said by methods of Resource
}

func (r *renderer) resource(res *Resource) entry {
	r.where = res.ID + " (" + res.builder + ")"
	e := entry{why: res.why, key: res.ID, body: &yaml.Node{Kind: yaml.MappingNode}}
	if strings.TrimSpace(res.why) == "" {
		r.fault("says not why it is there")
	}
	raw, err := res.properties.MarshalJSON()
	var body attributes
	if err == nil {
		err = json.Unmarshal(raw, &body)
	}
	if err != nil {
		r.fault("%w", err)
		return e
	}
	if body.DependsOn != nil || body.Metadata != nil || body.DeletionPolicy != nil || body.UpdateReplacePolicy != nil || body.Condition != nil {
		r.fault("an attribute was set on goformation's struct; use After, Accept, Retain or Snapshot")
	}
	if stateful[res.Type] && res.keep == (keep{}) {
		r.fault("%s holds data: say Retain, RetainExceptOnCreate, Snapshot or Disposable", res.Type)
	}
	put := func(key string, value *yaml.Node) {
		if value != nil {
			e.body.Content = append(e.body.Content, mapping(key, value).Content...)
		}
	}
	put("Type", r.scalar(res.Type))
	put("Metadata", r.metadata(res.exceptions))
	put("DependsOn", r.dependsOn(res.after))
	put("CreationPolicy", r.raw(body.CreationPolicy))
	put("UpdatePolicy", r.raw(body.UpdatePolicy))
	put("DeletionPolicy", r.optional(res.keep.onDelete))
	put("UpdateReplacePolicy", r.optional(res.keep.onReplace))
	put("Properties", r.properties(res, body.Properties))
	return e
}

func (r *renderer) properties(res *Resource, raw json.RawMessage) *yaml.Node {
	props := r.raw(raw)
	for _, o := range res.overrides {
		if !set(props, strings.Split(o.path, "."), r.any(o.value)) {
			r.fault("Set(%q): the path meets something that is no structure", o.path)
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
	return r.scalar(ids)
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

// any turns a value of Set into a node, by way of JSON as goformation's own values go.
func (r *renderer) any(v any) *yaml.Node {
	raw, err := json.Marshal(v)
	if err != nil {
		r.fault("%w", err)
	}
	return r.raw(raw)
}

// raw turns a JSON value into a node, keeping the order of its keys and unfolding tokens. Nothing stays nothing.
func (r *renderer) raw(raw json.RawMessage) *yaml.Node {
	if raw == nil {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return r.value(dec)
}

func (r *renderer) value(dec *json.Decoder) *yaml.Node {
	tok, err := dec.Token()
	if err != nil {
		if err != io.EOF {
			r.fault("%w", err)
		}
		return &yaml.Node{Kind: yaml.MappingNode}
	}
	switch v := tok.(type) {
	case json.Delim:
		return r.composite(dec, v)
	case string:
		return r.text(v)
	case json.Number:
		return number(v.String())
	default:
		return r.scalar(v)
	}
}

func (r *renderer) composite(dec *json.Decoder, open json.Delim) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	if open == '{' {
		n.Kind = yaml.MappingNode
	}
	for dec.More() {
		if n.Kind == yaml.MappingNode {
			key, err := dec.Token()
			if err != nil {
				r.fault("%w", err)
				return n
			}
			n.Content = append(n.Content, r.scalar(key))
		}
		n.Content = append(n.Content, r.value(dec))
	}
	if _, err := dec.Token(); err != nil { // the closing delimiter
		r.fault("%w", err)
	}
	return r.unlist(n)
}

// unlist puts a list-valued intrinsic in the place of the list that holds it.
func (r *renderer) unlist(n *yaml.Node) *yaml.Node {
	for _, item := range n.Content {
		if !r.lists[item] {
			continue
		}
		delete(r.lists, item)
		if n.Kind != yaml.SequenceNode || len(n.Content) > 1 {
			r.fault("a list-valued intrinsic stands beside others; it can only be the whole list")
		}
		return item
	}
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle // [] and {}
	}
	return n
}

// set writes a value at a dotted path, in alphabetical place among its siblings; an index steps into a list that is there.
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
	found := i < len(n.Content) && n.Content[i].Value == path[0]
	if !found {
		n.Content = slices.Insert(n.Content, i, plain(path[0]), &yaml.Node{Kind: yaml.MappingNode})
	}
	if len(path) > 1 {
		return set(n.Content[i+1], path[1:], v)
	}
	n.Content[i+1] = v
	return true
}
