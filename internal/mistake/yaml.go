package mistake

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"
)

// DecodeYAML reads the next document of a file; io.EOF where there is none. The parser is no longer maintained, so a
// panic in it is treated as an error in the file.
func DecodeYAML(decoder *yaml.Decoder) (root *yaml.Node, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			root, err = nil, fmt.Errorf("yaml: the parser gave up: %v", fault)
		}
	}()
	root = new(yaml.Node)
	if err := decoder.Decode(root); err != nil {
		return nil, err
	}
	if len(root.Content) == 0 || root.Content[0].Tag == "!!null" && root.Content[0].Style == 0 {
		return nil, io.EOF
	}
	return root, nil
}

var parserError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// Syntax returns the line of an error of [DecodeYAML], 1 where the parser does not know it, and what is wrong there.
func Syntax(err error) (line int, what string) {
	match := parserError.FindStringSubmatch(err.Error())
	if match == nil {
		return 1, err.Error()
	}
	if line, err := strconv.Atoi(match[1]); err == nil {
		return line, match[2]
	}
	return 1, match[2]
}

var conflict = regexp.MustCompile(`(?m)^(<{7}|\|{7}|>{7})([ \t].*)?\r?$`)

// ConflictLine returns the first line that git has put into a file to mark a merge conflict, counted from 1; 0 if there
// is none.
func ConflictLine(content []byte) int {
	at := conflict.FindIndex(content)
	if at == nil {
		return 0
	}
	return 1 + bytes.Count(content[:at[0]], []byte("\n"))
}
