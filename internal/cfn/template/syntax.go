package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"unicode/utf16"

	"gopkg.in/yaml.v3"
)

var byteOrderMark = []byte("\uFEFF")

// parseText returns the nodes of a template, which is JSON or YAML; nil when it is neither, with the fault.
func parseText(text []byte) (*yaml.Node, []Fault) {
	text = bytes.TrimPrefix(text, byteOrderMark)
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) && json.Valid(text) {
		return parseJSON(text), nil
	}
	return parseYAML(text)
}

// maxEscapes is how many JSON escapes a YAML template may have: after each the text is read once more.
const maxEscapes = 500

func parseYAML(text []byte) (*yaml.Node, []Fault) {
	var document, second yaml.Node
	err := decodeYAML(text, &document, &second)
	for tries := 0; err != nil; tries++ {
		corrected, ok := withoutJSONEscape(text, err)
		if !ok || tries == maxEscapes {
			return nil, []Fault{faultOf(err)}
		}
		text, document, second = corrected, yaml.Node{}, yaml.Node{}
		err = decodeYAML(text, &document, &second)
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) == 0 {
		return nil, []Fault{{What: "the template is empty"}}
	}
	if second.Kind == yaml.DocumentNode {
		const what = "a second YAML document begins here: a template is one"
		return document.Content[0], []Fault{{Line: second.Line, Column: second.Column, What: what}}
	}
	return document.Content[0], nil
}

// decodeYAML reads the first two documents of a text; there may be none.
func decodeYAML(text []byte, documents ...*yaml.Node) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for _, document := range documents {
		if err := decoder.Decode(document); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

var yamlError = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

func faultOf(err error) Fault {
	line, what := 1, err.Error() // the parser names no line when it is the first
	if m := yamlError.FindStringSubmatch(what); m != nil {
		what = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	return Fault{Line: line, What: "this is neither YAML nor JSON: " + what}
}

var (
	escapeError = regexp.MustCompile(`found invalid Unicode character escape code|found unknown escape character`)
	// jsonEscape is what JSON allows in a quoted text and the YAML parser does not: a pair of surrogates, and \/.
	jsonEscape = regexp.MustCompile(`\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|/)`)
)

// withoutJSONEscape replaces the first JSON escape of the quoted text in which a YAML parser met it.
func withoutJSONEscape(text []byte, err error) ([]byte, bool) {
	if !escapeError.MatchString(err.Error()) {
		return nil, false
	}
	start := startOfLine(text, faultOf(err).Line)
	for _, m := range jsonEscape.FindAllSubmatchIndex(text[start:], -1) {
		from, to := start+m[0], start+m[1]
		before := text[:from]
		if backslashes := len(before) - len(bytes.TrimRight(before, `\`)); backslashes%2 != 0 {
			continue
		}
		character := []byte("/")
		if m[2] >= 0 {
			high, _ := strconv.ParseUint(string(text[start+m[2]:start+m[3]]), 16, 32) // four hexadecimal digits
			low, _ := strconv.ParseUint(string(text[start+m[4]:start+m[5]]), 16, 32)
			character = []byte(string(utf16.DecodeRune(rune(high), rune(low))))
		}
		return bytes.Join([][]byte{before, character, text[to:]}, nil), true
	}
	return nil, false
}

// startOfLine returns where a line begins, counted from 1.
func startOfLine(text []byte, line int) int {
	start := 0
	for ; line > 1; line-- {
		end := bytes.IndexByte(text[start:], '\n')
		if end < 0 {
			return start
		}
		start += end + 1
	}
	return start
}
