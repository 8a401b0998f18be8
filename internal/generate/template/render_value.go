package template

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// text returns the node of a string property: a literal, or the intrinsic that its token encodes.
func (r *renderer) text(s string) *yaml.Node {
	t, ok := parseToken(s)
	switch {
	case ok:
		return r.function(t)
	case strings.Contains(s, mark):
		shown := strings.Map(func(c rune) rune {
			if string(c) == mark {
				return -1
			}
			return c
		}, s)
		r.fault("an intrinsic is part of a longer string, use Sub: %s", shown)
	}
	return r.scalar(s)
}

// function returns the node of an intrinsic in its short form, or in the long form where YAML does not allow two tags on one value.
func (r *renderer) function(t token) *yaml.Node {
	args, faults := make([]*yaml.Node, len(t.Args)), len(r.faults)
	for i, a := range t.Args {
		args[i] = r.argument(t, i, a)
	}
	if len(r.faults) == faults { // otherwise note would report consequences of the first fault
		r.note(t)
	}
	if len(args) > 1 {
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!" + t.Fn, Content: args}
		if t.Fn != "Sub" {
			n.Style = yaml.FlowStyle
		}
		return n
	}
	if strings.HasPrefix(args[0].Tag, "!") && !strings.HasPrefix(args[0].Tag, "!!") {
		return mapping("Fn::"+t.Fn, args[0])
	}
	args[0].Tag = "!" + t.Fn
	return args[0]
}

// argument returns the node of one argument of an intrinsic. Reference names are literal; all else may be intrinsics in turn.
func (r *renderer) argument(t token, i int, a any) *yaml.Node {
	switch v := a.(type) {
	case string:
		if i == 0 && (t.Fn == "Ref" || t.Fn == "GetAtt" || t.Fn == "ImportValue" || t.Fn == "Sub") {
			return r.scalar(v)
		}
		return r.text(v)
	case float64:
		return float(v)
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, item := range v {
			n.Content = append(n.Content, r.text(fmt.Sprint(item)))
		}
		return n
	case map[string]any:
		return r.substitutions(v)
	}
	r.fault("%s: an argument of type %T", t.Fn, a)
	return plain("")
}

func (r *renderer) substitutions(values map[string]any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		n.Content = append(n.Content, mapping(name, r.text(fmt.Sprint(values[name]))).Content...)
	}
	return n
}

var placeholder = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

// note records what an intrinsic refers to.
func (r *renderer) note(t token) {
	first, _ := t.Args[0].(string)
	switch t.Fn {
	case "Ref":
		r.refs = append(r.refs, reference{r.where, first})
	case "GetAtt":
		id, _, _ := strings.Cut(first, ".")
		r.refs = append(r.refs, reference{r.where, id})
	case "ImportValue":
		if first == "" {
			r.fault("imports an export that its builder never made")
		}
		r.imports[t.Stack] = true
	case "Sub":
		r.noteSub(t, first)
	}
}

func (r *renderer) noteSub(t token, text string) {
	values := map[string]any{}
	if len(t.Args) > 1 {
		values, _ = t.Args[1].(map[string]any)
	}
	used := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		used[m[1]] = true
		if _, given := values[m[1]]; given {
			continue
		}
		id, _, _ := strings.Cut(m[1], ".")
		r.refs = append(r.refs, reference{r.where, id})
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !used[name] {
			r.fault("Sub is given %s, which its text does not use", name)
		}
	}
}

// words11 are plain texts that CloudFormation, which reads YAML 1.1, does not read as text (https://yaml.org/type/).
var words11 = map[string]bool{
	"": true, "y": true, "n": true, "yes": true, "no": true, "on": true, "off": true, "true": true, "false": true, "null": true, "~": true,
	"=": true, "<<": true, ".inf": true, "+.inf": true, "-.inf": true, ".nan": true,
}

// misread reports whether a plain text would not be read as text: one of the words, or anything that looks like a number, a
// time in base 60 or a date. A few texts are quoted without need: compiling an exact pattern takes longer than a whole template.
func misread(s string) bool {
	if len(s) <= len("+.inf") && words11[strings.ToLower(s)] {
		return true
	}
	return strings.IndexByte("+-.0123456789", s[0]) >= 0 && strings.Trim(s, "0123456789+-._:eExXoObBaAcCdDfF") == ""
}

// plain returns the node of a text: a block if it has several lines, quoted only where a reader would not read it as text. It is built by hand,
// since yaml.v3's own Node.Encode writes and parses each text, and fails on some.
func plain(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	switch {
	case strings.Contains(s, "\n") && !strings.ContainsRune(" \t\n", rune(s[0])):
		n.Style = yaml.LiteralStyle
	case strings.Contains(s, "\n") || misread(s):
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// scalar returns the node of a text, and reports a text that YAML cannot contain in a readable form.
func (r *renderer) scalar(s string) *yaml.Node {
	if !utf8.ValidString(s) {
		r.fault("a text with characters that YAML does not allow: %.60q", s)
	}
	if strings.Contains(s, "\n") {
		r.checkBlock(s)
	}
	return plain(s)
}

// checkBlock reports what would turn a readable block into one escaped line, or merge with the blank line after it.
func (r *renderer) checkBlock(s string) {
	if strings.ContainsRune(s, '\r') {
		r.fault("a text with carriage returns, which would be written as one unreadable line; convert its file to line feeds, as in a new clone: %.60q", s)
	}
	if strings.HasSuffix(s, "\n\n") || s == "\n" {
		r.fault("a text ends in empty lines: %.60q", s)
	}
	for line := range strings.Lines(s) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasSuffix(line, " ") || strings.HasSuffix(line, "\t") {
			r.fault("a line of a text ends in white space, and the text would be written as one unreadable line: %.60q", line)
		}
	}
}

// literal returns the node of a scalar that is not a text.
func literal(s, tag string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: s} }

// float returns a number as people write it: 16, 0.5.
func float(f float64) *yaml.Node { return literal(strconv.FormatFloat(f, 'f', -1, 64), "") }

func quoted(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
}

func mapping(pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(pairs); i += 2 {
		n.Content = append(n.Content, plain(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return n
}

// encoderLife is how many nodes one encoder writes. A new encoder costs its buffers, an old one keeps every event that it has seen
// and moves them all when it needs room: measured, four is cheapest.
const encoderLife = 4

// encode returns a node as YAML with two spaces, each a document of its own.
func (r *renderer) encode(n *yaml.Node) string {
	if r.encoded%encoderLife == 0 {
		r.encoder = yaml.NewEncoder(&r.written)
		r.encoder.SetIndent(2)
	}
	r.encoded++
	r.written.Reset()
	if err := r.encoder.Encode(n); err != nil {
		r.fault("%w", err)
	}
	return strings.TrimPrefix(r.written.String(), "---\n")
}

// indent moves text two spaces to the right; empty lines stay empty.
func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// wrap breaks a sentence into lines of at most width columns.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
