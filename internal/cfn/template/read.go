package template

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// Fault is a form in a template that is not accepted.
type Fault struct {
	Line, Column int // from 1; Column is 0 where only the line is known
	What         string
	Accepted     bool // CloudFormation accepts it
}

// at returns the fault with its place in a file, as editors and compilers understand it: site.yaml:7:3: ….
func (f Fault) at(file string) string {
	switch {
	case f.Line == 0:
		return fmt.Sprintf("%s: %s", file, f.What)
	case f.Column == 0:
		return fmt.Sprintf("%s:%d: %s", file, f.Line, f.What)
	}
	return fmt.Sprintf("%s:%d:%d: %s", file, f.Line, f.Column, f.What)
}

// maxFaults is how many faults of a file are shown: the first ones usually cause the rest.
const maxFaults = 20

// Parse reads a template of a folder. Its error has a line for each fault, with the file's name, the line and the
// column. It refuses what CloudFormation would refuse, and a key that is given twice, of which CloudFormation would
// take the last without a word.
func Parse(file string, text []byte) (*Template, error) {
	t, faults := Read(text)
	if len(faults) == 0 {
		return t, nil
	}
	var lines []string
	for _, f := range faults[:min(maxFaults, len(faults))] {
		lines = append(lines, f.at(file))
	}
	if more := len(faults) - maxFaults; more > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %d more of the kind", file, more))
	}
	return nil, errors.New(strings.Join(lines, "\n"))
}

// ParseDeployed reads a template that CloudFormation has accepted. No form of it is refused, since nobody can correct
// it here: the last of two keys counts, as with CloudFormation. Its error is about a text that nobody can read.
func ParseDeployed(text string) (*Template, error) {
	t, faults := Read([]byte(text))
	if t == nil {
		return nil, fmt.Errorf("the deployed template can't be read: line %d: %s", faults[0].Line, faults[0].What)
	}
	return t, nil
}

// Read reads a template as far as it can, and returns what CloudFormation or [Parse] does not accept. The template is
// nil when the text is not a template; then there is a fault.
//
// Intrinsic functions have one form, whatever their spelling: !Ref X is {"Ref": "X"}, any other !X is {"Fn::X": …}; the
// argument of Fn::GetAtt is a list of the logical id and the attribute; Fn::Sub without values of its own has its text
// alone. A date is its text, and yes, no, on and off are truth values, as in CloudFormation's YAML 1.1.
func Read(text []byte) (*Template, []Fault) {
	node, faults := parseText(text)
	if node == nil {
		return nil, faults
	}
	r := &reader{faults: faults}
	values, ok := r.value(node).(map[string]any)
	if !ok {
		r.fault(node, "a template is a mapping with the key Resources")
		return nil, r.faults
	}
	return &Template{values}, r.faults
}

// SameText reports whether two texts are the same template: equal bytes, or equal once they are read. Comments, layout
// and the spelling of intrinsic functions do not count.
func SameText(a, b string) bool {
	if a == b {
		return true
	}
	x, _ := Read([]byte(a))
	y, _ := Read([]byte(b))
	return x != nil && y != nil && reflect.DeepEqual(x.values, y.values)
}

// maxNodes is how many values a template may have once its aliases are expanded. CloudFormation takes a megabyte of
// text.
const maxNodes = 1 << 20

// reader turns nodes into values and collects faults.
type reader struct {
	faults []Fault
	open   []*yaml.Node // the anchors that are being expanded
	nodes  int
}

func (r *reader) fault(n *yaml.Node, what string, args ...any) {
	r.faults = append(r.faults, Fault{Line: n.Line, Column: n.Column, What: fmt.Sprintf(what, args...)})
}
