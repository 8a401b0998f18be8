package lockfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/mistake"
	"distributed-moodle/internal/spelling"
)

// keys are the keys of an entry in the order in which they are written, required those that every entry has.
var (
	keys = []string{
		"thing", "version", "architecture", "region", "address", "sha256", "size", "date", "verified", "certificates",
	}
	required = []string{"thing", "address", "sha256", "size", "date", "verified"}
)

// reader collects what is wrong in a lock.
type reader struct {
	path     string
	mistakes mistake.Mistakes
}

func (r *reader) report(n *yaml.Node, key, format string, args ...any) {
	r.mistakes = append(r.mistakes, mistake.Mistake{
		Path: r.path, Line: n.Line, Column: n.Column, Key: key, Message: fmt.Sprintf(format, args...),
	})
}

// Parse reads the content of a lock, strictly: the error is of type [mistake.Mistakes], with all mistakes and their
// places.
func Parse(path string, content []byte) (*Lock, error) {
	r := &reader{path: path}
	lock := &Lock{Path: path}
	if root := r.document(content); root != nil {
		for _, item := range root.Content {
			lock.Entries = append(lock.Entries, r.entry(item))
		}
		r.distinct(lock)
	}
	if len(r.mistakes) > 0 {
		r.mistakes.Sort()
		return nil, r.mistakes
	}
	return lock, nil
}

// document returns the one list that a lock is, or nil if it has no entries or is not a lock.
func (r *reader) document(content []byte) *yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	if len(content) > mostBytes {
		r.report(start, "", "the file is larger than %d KiB, too large for a lock", mostBytes>>10)
		return nil
	}
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		r.report(start, "", "the file is not text in UTF-8; write it again with deploy lock")
		return nil
	}
	if line := mistake.ConflictLine(content); line > 0 {
		r.report(
			&yaml.Node{Line: line, Column: 1}, "",
			"a merge conflict of git begins here; keep one of the two sides whole, and run deploy lock afterwards",
		)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	root, err := mistake.DecodeYAML(decoder)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		var second *yaml.Node
		if second, err = mistake.DecodeYAML(decoder); err == nil {
			r.report(second, "", "a second document starts here; a lock is one list")
			return nil
		}
	}
	if !errors.Is(err, io.EOF) {
		line, what := mistake.Syntax(err)
		r.report(&yaml.Node{Line: line}, "", "not readable as YAML near here: %s", mistake.Show(what))
		return nil
	}
	if root = root.Content[0]; root.Kind != yaml.SequenceNode {
		r.report(root, "", "the file is not a list; each entry begins with \"- thing:\", as deploy lock writes it")
		return nil
	}
	return root
}

// entry reads one item of the list.
func (r *reader) entry(n *yaml.Node) Entry {
	e := Entry{places: map[string]place{"": {n.Line, n.Column}}}
	if n.Kind != yaml.MappingNode {
		r.report(n, "", "an entry is a section with the keys %s", strings.Join(keys, ", "))
		return e
	}
	values := r.values(n)
	e.Thing = r.text(values["thing"], "thing")
	for name, value := range values {
		e.places[name] = place{value.Line, value.Column}
	}
	for _, name := range required {
		if values[name] == nil {
			r.report(n, cmp.Or(e.Thing, "entry"), "%s is missing; write the entry again with deploy lock", name)
		}
	}
	for name, to := range map[string]*string{
		"version": &e.Version, "architecture": &e.Architecture, "region": &e.Region, "address": &e.Address,
		"sha256": &e.SHA256, "date": &e.Date, "verified": &e.Verified,
	} {
		*to = r.text(values[name], e.Thing+": "+name)
	}
	if text := r.text(values["size"], e.Thing+": size"); size.MatchString(text) {
		e.Size, _ = strconv.ParseInt(text, 10, 64) // the form has so few digits that it can't fail
	}
	if list := values["certificates"]; list != nil {
		e.Certificates = r.certificates(list, e.Thing+": certificates")
	}
	r.mistakes = append(r.mistakes, e.check(r.path)...)
	return e
}

// values returns the values of an entry by their keys.
func (r *reader) values(n *yaml.Node) map[string]*yaml.Node {
	values := map[string]*yaml.Node{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch _, again := values[key.Value]; {
		case key.Kind != yaml.ScalarNode || !slices.Contains(keys, key.Value):
			hint := "; allowed here: " + strings.Join(keys, ", ")
			if near := spelling.Nearest(key.Value, keys); near != "" {
				hint = "; did you mean " + near + "?"
			}
			r.report(key, mistake.Show(key.Value), "unknown key%s", hint)
		case again:
			r.report(key, key.Value, "is given a second time; remove one")
		default:
			values[key.Value] = value
		}
	}
	return values
}

// text returns a plain text. A missing value was reported before.
func (r *reader) text(n *yaml.Node, key string) string {
	switch {
	case n == nil:
		return ""
	case n.Kind != yaml.ScalarNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0:
		r.report(n, key, "is not a plain text")
	case strings.TrimSpace(n.Value) == "" || n.Tag == "!!null":
		r.report(n, key, "has no value; write the entry again with deploy lock")
	case len(n.Value) > 1024 || strings.ContainsFunc(n.Value, func(c rune) bool { return c < ' ' || c == 0x7f }):
		r.report(n, key, "is not one line of at most 1024 characters")
	default:
		return n.Value
	}
	return ""
}

// distinct reports things that have two entries.
func (r *reader) distinct(l *Lock) {
	first := map[string]*Entry{}
	for i := range l.Entries {
		e := &l.Entries[i]
		if before := first[e.Thing]; before != nil && e.Thing != "" {
			r.mistakes = append(r.mistakes, e.mistake(r.path, "thing",
				"has an entry already, in line %d; remove the one that is wrong", before.places[""].line))
			continue
		}
		first[e.Thing] = e
	}
}
