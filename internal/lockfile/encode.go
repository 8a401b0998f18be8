package lockfile

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// order is the order of the kinds of things in a lock; what a person gives comes last, sorted by name.
var order = []string{"moodle", "efs-utils", "database-certificates"}

// Encode returns the lock as it is written: the same entries give the same bytes.
func (l *Lock) Encode() ([]byte, error) {
	name := strings.TrimSuffix(path.Base(l.Path), Extension)
	entries := slices.Clone(l.Entries)
	rank := func(e Entry) int {
		if i := slices.Index(order, e.Thing); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Thing, b.Thing))
	})
	list := &yaml.Node{Kind: yaml.SequenceNode}
	if len(entries) == 0 {
		list.Style = yaml.FlowStyle
	}
	for i := range entries {
		n, err := entries[i].node()
		if err != nil {
			return nil, err
		}
		list.Content = append(list.Content, n)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "# What the nodes of %s take from outside AWS, written by: deploy lock %s\n"+
		"# Review a change as you review code: a node runs exactly the files with these checksums.\n", name, name)
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(list); err != nil {
		return nil, fmt.Errorf("write the lock %s: %w", l.Path, err)
	}
	return out.Bytes(), nil
}

// node returns an entry as YAML, each certificate below a comment with its subject and expiry.
func (e *Entry) node() (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	add := func(key string, value *yaml.Node) {
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
	}
	text := func(key, value string) {
		if value != "" {
			add(key, scalar(value))
		}
	}
	text("thing", e.Thing)
	text("version", e.Version)
	text("architecture", e.Architecture)
	text("region", e.Region)
	text("address", e.Address)
	text("sha256", e.SHA256)
	add("size", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.FormatInt(e.Size, 10)})
	text("date", e.Date)
	text("verified", e.Verified)
	if len(e.Certificates) == 0 {
		return n, nil
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, certificate := range e.Certificates {
		authority, err := Authority(certificate)
		if err != nil {
			return nil, fmt.Errorf("write the certificates of %s: the text %w", e.Thing, err)
		}
		list.Content = append(list.Content, &yaml.Node{
			Kind: yaml.ScalarNode, Style: yaml.LiteralStyle, Value: certificate, HeadComment: "# " + authority.String(),
		})
	}
	add("certificates", list)
	return n, nil
}

// scalar returns a text that every reader of YAML takes for a text.
func scalar(value string) *yaml.Node {
	n := new(yaml.Node)
	n.SetString(value)
	return n
}
