// Package verified is what nobody has shown on AWS yet: one row of data for each thing that the project takes for true.
//
// Rows are read from rows.yaml. docs/verified.md is written from them, and a program that only reads asks a deployed
// site the questions of those that have one.
package verified

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"strings"

	"github.com/jmespath/go-jmespath"
	"gopkg.in/yaml.v3"
)

//go:embed rows.yaml
var rows []byte

// Section is a group of rows about one subject.
type Section struct {
	Title string `yaml:"title"`
	Rows  []Row  `yaml:"rows"`
}

// Row is one thing that is taken for true, and how somebody shows it.
type Row struct {
	ID      string  `yaml:"id"`
	What    string  `yaml:"what"`    // Markdown, without a full stop
	Needs   string  `yaml:"needs"`   // what must be there
	Cost    float64 `yaml:"cost"`    // US dollars beside a site that runs anyway, roughly
	Minutes int     `yaml:"minutes"` // roughly
	Changes bool    `yaml:"changes"` // it changes something in the account
	Command string  `yaml:"command"` // how a person shows it
	Expect  string  `yaml:"expect"`  // the answer that shows it, Markdown
	Ask     *Ask    `yaml:"ask"`     // how a program shows it; nil if none can
}

// Ask is a question about each of a site's resources of one type.
type Ask struct {
	Each     string     `yaml:"each"`     // type of the resources
	Call     string     `yaml:"call"`     // service:Operation that is asked of each
	Argument string     `yaml:"argument"` // of the call; {id}, {account}, {region} and {site} are replaced
	Where    Expression `yaml:"where"`    // which of the answers are meant: all, if it is empty
	Shown    Expression `yaml:"shown"`    // true if the row is shown, false if not
	Keep     Expression `yaml:"keep"`     // what is kept of the answer
}

// GetResource is the call of a question that names none: Cloud Control's, with the properties of the resource.
const GetResource = "cloudcontrol:GetResource"

// Expression is JMESPath (https://jmespath.org/specification.html).
type Expression struct {
	text     string
	compiled *jmespath.JMESPath
}

// UnmarshalYAML compiles the expression.
func (e *Expression) UnmarshalYAML(node *yaml.Node) error {
	if err := node.Decode(&e.text); err != nil {
		return err
	}
	compiled, err := jmespath.Compile(e.text)
	if err != nil {
		return fmt.Errorf("line %d: %q is not JMESPath: %w", node.Line, e.text, err)
	}
	e.compiled = compiled
	return nil
}

func (e Expression) String() string { return e.text }

// Empty reports whether there is no expression.
func (e Expression) Empty() bool { return e.compiled == nil }

// Search returns the part of a document that the expression names.
func (e Expression) Search(document any) (any, error) { return e.compiled.Search(document) }

// All returns the sections in the order of the file.
func All() ([]Section, error) { return parse(rows) }

func parse(text []byte) ([]Section, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var all []Section
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("rows.yaml: %w", err)
	}
	seen := map[string]bool{}
	for _, s := range all {
		for i := range s.Rows {
			if fault := s.Rows[i].fault(); fault != "" {
				return nil, fmt.Errorf("rows.yaml: row %q %s", s.Rows[i].ID, fault)
			}
			if seen[s.Rows[i].ID] {
				return nil, fmt.Errorf("rows.yaml: there are two rows %q", s.Rows[i].ID)
			}
			seen[s.Rows[i].ID] = true
		}
	}
	return all, nil
}

var (
	words = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	// secret is in the names of what a proof must never keep. A secret's ARN or status tells nobody the secret.
	secret = regexp.MustCompile(`(?i)password|authtoken|secretstring|token|privatekey|userdata`)
)

// fault completes a row, and returns what is wrong with it; "" if nothing is.
func (r *Row) fault() string {
	switch {
	case !words.MatchString(r.ID):
		return "has an id that is not lower-case words with hyphens"
	case r.What == "" || r.Needs == "" || r.Command == "" || r.Expect == "":
		return "lacks what, needs, command or expect"
	case r.Minutes <= 0 || r.Cost < 0:
		return "lacks its minutes, or has a cost below zero"
	case r.Ask == nil:
		return ""
	case r.Changes:
		return "changes something, so no program may ask it"
	case !strings.Contains(r.Ask.Each, "::") || r.Ask.Shown.Empty() || r.Ask.Keep.Empty():
		return "asks without each, shown or keep"
	case secret.MatchString(r.Ask.Keep.text):
		return "keeps what may be a secret"
	}
	if r.Ask.Call == "" {
		r.Ask.Call = GetResource
	}
	if r.Ask.Argument == "" {
		r.Ask.Argument = "{id}"
	}
	return ""
}
