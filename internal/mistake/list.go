package mistake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/spelling"
)

// List reads a file that is one list of entries, strictly, and collects what is wrong in it.
type List struct {
	Path    string
	Kind    string   // what such a file is called: a lock
	Command string   // writes it
	Again   string   // what to do about an entry that lacks something
	Keys    []string // of an entry; the first one begins it
	Most    int      // bytes of the largest file that is read

	Mistakes Mistakes
}

// Report adds a mistake at a place of the file.
func (l *List) Report(n *yaml.Node, key, format string, args ...any) {
	l.Mistakes = append(l.Mistakes, Mistake{
		Path: l.Path, Line: n.Line, Column: n.Column, Key: key, Message: fmt.Sprintf(format, args...),
	})
}

// Items returns the entries; none if the file has none or is of another kind.
func (l *List) Items(content []byte) []*yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	if len(content) > l.Most {
		l.Report(start, "", "the file is larger than %d KiB, too large for %s", l.Most>>10, l.Kind)
		return nil
	}
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		l.Report(start, "", "the file is not text in UTF-8; write it again with %s", l.Command)
		return nil
	}
	if line := ConflictLine(content); line > 0 {
		l.Report(
			&yaml.Node{Line: line, Column: 1}, "",
			"a merge conflict of git begins here; keep one of the two sides whole, and run %s afterwards", l.Command,
		)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	root, err := DecodeYAML(decoder)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		var second *yaml.Node
		if second, err = DecodeYAML(decoder); err == nil {
			l.Report(second, "", "a second document starts here; %s is one list", l.Kind)
			return nil
		}
	}
	if !errors.Is(err, io.EOF) {
		line, what := Syntax(err)
		l.Report(&yaml.Node{Line: line}, "", "not readable as YAML near here: %s", Show(what))
		return nil
	}
	if root = root.Content[0]; root.Kind != yaml.SequenceNode {
		l.Report(root, "", "the file is not a list; each entry begins with \"- %s:\", as %s writes it", l.Keys[0], l.Command)
		return nil
	}
	return root.Content
}

// Values returns the values of an entry by their keys; nil if it is not a section.
func (l *List) Values(n *yaml.Node) map[string]*yaml.Node {
	if n.Kind != yaml.MappingNode {
		l.Report(n, "", "an entry is a section with the keys %s", strings.Join(l.Keys, ", "))
		return nil
	}
	values := map[string]*yaml.Node{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch _, again := values[key.Value]; {
		case key.Kind != yaml.ScalarNode || !slices.Contains(l.Keys, key.Value):
			hint := "; allowed here: " + strings.Join(l.Keys, ", ")
			if near := spelling.Nearest(key.Value, l.Keys); near != "" {
				hint = "; did you mean " + near + "?"
			}
			l.Report(key, Show(key.Value), "unknown key%s", hint)
		case again:
			l.Report(key, key.Value, "is given a second time; remove one")
		default:
			values[key.Value] = value
		}
	}
	return values
}

// Text returns a plain text; "" for a value that is not there.
func (l *List) Text(n *yaml.Node, key string) string {
	switch {
	case n == nil:
		return ""
	case n.Kind != yaml.ScalarNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0:
		l.Report(n, key, "is not a plain text")
	case strings.TrimSpace(n.Value) == "" || n.Tag == "!!null":
		l.Report(n, key, "has no value; %s", l.Again)
	case len(n.Value) > 1024 || strings.ContainsFunc(n.Value, func(c rune) bool { return c < ' ' || c == 0x7f }):
		l.Report(n, key, "is not one line of at most 1024 characters")
	default:
		return n.Value
	}
	return ""
}
