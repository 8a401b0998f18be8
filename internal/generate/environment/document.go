package environment

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"distributed-moodle/internal/mistake"

	"gopkg.in/yaml.v3"
)

// mostBytes is the largest environment file that is read: fifty times the largest sensible one.
const mostBytes = 256 << 10

// mostLevels is how deep an environment file may nest: twice what its keys need.
const mostLevels = 10

// document reads the file's text as one plain YAML mapping. If it is not one, it reports why and returns nil.
func (c *checker) document(content []byte) *yaml.Node {
	if message, line := unreadable(content); message != "" {
		c.report("", place{line: line}, "%s", message)
		return nil
	}
	if line := mistake.ConflictLine(content); line > 0 {
		c.report(
			"", place{line, 1},
			"a merge conflict of git begins here; keep one of the two sides, and remove the lines with <<<<<<<, ======= and >>>>>>>",
		)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	root, err := mistake.DecodeYAML(decoder)
	switch {
	case errors.Is(err, io.EOF):
		c.report(
			"", place{line: 1},
			"the file is empty; a site needs at least site, region, network and moodle (environments/dev.yaml shows them)",
		)
		return nil
	case err != nil:
		c.syntax(err, content)
		return nil
	}
	if next, err := mistake.DecodeYAML(decoder); err == nil {
		c.report("", placeOf(next), "a second document starts here; a file describes one site, in one document")
	} else if !errors.Is(err, io.EOF) {
		c.syntax(err, content)
	}
	root = root.Content[0]
	c.plain(root, 1)
	if root.Kind != yaml.MappingNode {
		c.report("", placeOf(root), "the file is %s; use keys with values, e.g. site: moodle-dev", kindOf(root))
	}
	if len(c.mistakes) > 0 {
		return nil
	}
	return root
}

// unreadable returns why a content cannot be an environment file at all and in which line, or "" if it can.
func unreadable(content []byte) (message string, line int) {
	if len(content) > mostBytes {
		return fmt.Sprintf("the file is larger than %d KiB, too large for an environment file", mostBytes>>10), 1
	}
	if i := bytes.IndexByte(content, 0); i >= 0 {
		return "the file contains a zero byte; save it as text in UTF-8", 1 + bytes.Count(content[:i], []byte("\n"))
	}
	if !utf8.Valid(content) {
		valid := 0
		for valid < len(content) {
			r, size := utf8.DecodeRune(content[valid:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			valid += size
		}
		return "the file is not UTF-8 from here on; save it as UTF-8", 1 + bytes.Count(content[:valid], []byte("\n"))
	}
	return "", 0
}

var unknownAnchor = regexp.MustCompile(`unknown anchor '.*' referenced`) // the only error that quotes the file

// syntax reports the parser's error. The parser knows only the line; a tab, the most common cause, is located here.
func (c *checker) syntax(err error, content []byte) {
	for i, line := range strings.Split(string(content), "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if tab := strings.IndexByte(indent, '\t'); tab >= 0 && strings.TrimSpace(line) != "" {
			c.report("", place{i + 1, tab + 1}, "a tab in the indentation; use spaces")
			return
		}
	}
	line, what := mistake.Syntax(err)
	what = unknownAnchor.ReplaceAllString(what, "an alias (*) without its anchor")
	c.report(
		"", place{line: line},
		"not readable as YAML near here: %s (a text that starts with * & ! { [ @ %% or holds \": \" needs quotes)",
		show(what),
	)
}

// plain reports features of YAML that an environment file may not use, because they make it hard to read.
func (c *checker) plain(n *yaml.Node, level int) {
	switch {
	case len(c.mistakes) > 0 && level > mostLevels:
		return
	case level > mostLevels:
		c.report("", placeOf(n), "nested deeper than %d levels; no key of an environment file is that deep", mostLevels)
		return
	case n.Kind == yaml.AliasNode:
		c.report(
			"", placeOf(n), "an alias (*); write the value out where it is used, a text that starts with * in quotes",
		)
		return
	case n.Anchor != "":
		c.report(
			"", placeOf(n), "an anchor (&); write the value out where it is used, a text that starts with & in quotes",
		)
	case n.Style&yaml.TaggedStyle != 0:
		c.report("", placeOf(n), "a tag (!); write the value plainly, a text that starts with ! in quotes")
	}
	if n.Kind == yaml.MappingNode {
		c.keys(n)
	}
	for _, child := range n.Content {
		c.plain(child, level+1)
	}
}

// keys reports keys that are given twice, and keys that are not words.
func (c *checker) keys(mapping *yaml.Node) {
	first := map[string]*yaml.Node{}
	for i := 0; i < len(mapping.Content); i += 2 {
		key := mapping.Content[i]
		switch before := first[key.Value]; {
		case key.Kind == yaml.AliasNode:
			continue // reported by plain
		case key.Kind != yaml.ScalarNode:
			c.report("", placeOf(key), "a key that is %s; a key is a word", kindOf(key))
		case key.Tag == "!!merge":
			c.report("", placeOf(key), "a merge key (<<); write the values out")
		case before != nil:
			c.report(
				"", placeOf(key), "the key %s is given a second time, first in line %d; remove one", show(key.Value),
				before.Line,
			)
		default:
			first[key.Value] = key
		}
	}
}
