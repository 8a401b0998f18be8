package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"

	"gopkg.in/yaml.v3"
)

// jsonReader turns valid JSON into the nodes of the same YAML: each key with its place, also one that is given twice.
type jsonReader struct {
	text    []byte
	decoder *json.Decoder
	lines   []int // where each line begins
}

func parseJSON(text []byte) *yaml.Node {
	r := &jsonReader{text: text, decoder: json.NewDecoder(bytes.NewReader(text)), lines: []int{0}}
	r.decoder.UseNumber()
	for i, b := range text {
		if b == '\n' {
			r.lines = append(r.lines, i+1)
		}
	}
	return r.node()
}

// node reads the next value.
func (r *jsonReader) node() *yaml.Node {
	start := r.start()
	token, err := r.decoder.Token()
	if err != nil {
		panic(fmt.Sprintf("cannot happen: the JSON is valid, and yet: %v", err))
	}
	line := sort.SearchInts(r.lines, start+1)
	n := &yaml.Node{Line: line, Column: start - r.lines[line-1] + 1, Kind: yaml.ScalarNode}
	switch t := token.(type) {
	case json.Delim:
		n.Kind = map[json.Delim]yaml.Kind{'{': yaml.MappingNode, '[': yaml.SequenceNode}[t]
		for r.decoder.More() {
			n.Content = append(n.Content, r.node())
		}
		_, err = r.decoder.Token() // the closing bracket
	case string:
		n.Value, n.Style = t, yaml.DoubleQuotedStyle
	case nil:
		n.Value = "null"
	default:
		n.Value = fmt.Sprint(t)
	}
	if err != nil {
		panic(fmt.Sprintf("cannot happen: the JSON is valid, and yet: %v", err))
	}
	return n
}

// start returns where the next token begins: behind white space and separators.
func (r *jsonReader) start() int {
	start := int(r.decoder.InputOffset())
	for start < len(r.text) && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[start]) >= 0 {
		start++
	}
	return start
}
