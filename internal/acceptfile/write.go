package acceptfile

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"gopkg.in/yaml.v3"
)

// checksumKey is the key of [Entry.Checksum].
const checksumKey = "digest"

// Of returns the entry of a finding, whatever was found; nil if there is none.
func (f *File) Of(code, subject string) *Entry {
	for i := range f.Entries {
		if f.Entries[i].Code == code && f.Entries[i].Subject == subject {
			return &f.Entries[i]
		}
	}
	return nil
}

// Put adds an entry, in the place of one that accepts something else under the same name.
func (f *File) Put(e Entry) {
	if old := f.Of(e.Code, e.Subject); old != nil {
		*old = e
		return
	}
	f.Entries = append(f.Entries, e)
}

// Encode returns the file as it is written. Entries that were read stay as they are, with their comments.
func (f *File) Encode() ([]byte, error) {
	name := strings.TrimSuffix(path.Base(f.Path), Extension)
	list := &yaml.Node{Kind: yaml.SequenceNode}
	if len(f.Entries) == 0 {
		list.Style = yaml.FlowStyle
	}
	for _, e := range f.Entries {
		if e.node == nil {
			e.node = e.encode()
		}
		list.Content = append(list.Content, e.node)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "# What is accepted of the findings for %s, written by: %s\n"+
		"# Give each entry its reason, and review it as you review code: it holds for exactly what was found.\n\n", name, Command)
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(list); err != nil {
		return nil, fmt.Errorf("write the accept file %s: %w", f.Path, err)
	}
	return out.Bytes(), nil
}

func (e *Entry) encode() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, pair := range [][2]string{
		{"code", e.Code}, {"subject", e.Subject}, {checksumKey, e.Checksum}, {"reason", e.Reason}, {"until", e.Until},
	} {
		if pair[0] == "until" && e.Until == "" {
			continue
		}
		value := new(yaml.Node)
		value.SetString(pair[1])
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: pair[0]}, value)
	}
	if e.Sentence != "" {
		n.HeadComment = "# " + strings.Join(strings.Fields(e.Sentence), " ")
	}
	return n
}
