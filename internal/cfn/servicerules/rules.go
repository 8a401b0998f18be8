package servicerules

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed rules.yaml
var rulesYAML []byte

// Class is the kind of thing that a rule limits.
type Class string

// The classes of rules.
const (
	Alphabet    Class = "alphabet"    // which characters, which form
	Length      Class = "length"      // how many characters
	Range       Class = "range"       // which numbers, which words
	Combination Class = "combination" // what goes with what, within one resource or among several
	Order       Class = "order"       // what comes before what
	Size        Class = "size"        // how many items, how many bytes
	OneWay      Class = "one-way"     // what can never be changed or undone
)

// Classes are all classes, in the order of the package's documentation.
var Classes = []Class{Alphabet, Length, Range, Combination, Order, Size, OneWay}

// Source says how sure a rule or the words of an error are.
type Source string

// Where a rule or a text is from.
const (
	Read   Source = "read"   // from the page that the rule names
	Memory Source = "memory" // not read again for the rule
)

// Rule is one row of rules.yaml. See the package's documentation.
type Rule struct {
	ID    string              `yaml:"id"`
	Class Class               `yaml:"class"`
	Rule  string              `yaml:"rule"`
	At    map[string][]string `yaml:"at"`
	When  []Condition         `yaml:"when"`
	Must  []Condition         `yaml:"must"`
	Check string              `yaml:"check"`
	Held  string              `yaml:"held"`
	Error Refusal             `yaml:"error"`
	Page  string              `yaml:"page"`
	From  Source              `yaml:"from"`
}

// Refusal is how the service refuses what breaks a rule.
type Refusal struct {
	Code string `yaml:"code"`
	Text string `yaml:"text"`
	From Source `yaml:"from"`
}

// Condition is one condition of a rule. See the package's documentation.
type Condition struct {
	Path string      `yaml:"path"`
	Any  []Condition `yaml:"any"`

	Present    *bool    `yaml:"present"`
	In         []any    `yaml:"in"`
	NotIn      []any    `yaml:"notIn"`
	Matches    string   `yaml:"matches"`
	MatchesNot string   `yaml:"matchesNot"`
	Min        *float64 `yaml:"min"`
	Max        *float64 `yaml:"max"`
	Step       float64  `yaml:"step"`
	MinLength  *int     `yaml:"minLength"`
	MaxLength  *int     `yaml:"maxLength"`
	MaxBytes   *int     `yaml:"maxBytes"`
	MinItems   *int     `yaml:"minItems"`
	MaxItems   *int     `yaml:"maxItems"`
	Unique     string   `yaml:"unique"`
	Fold       bool     `yaml:"fold"`
	AtLeast    string   `yaml:"atLeast"`
	By         float64  `yaml:"by"`
}

// Rules returns all rules, in the order of rules.yaml.
var Rules = sync.OnceValue(func() []Rule {
	rules, err := parse(rulesYAML)
	if err != nil {
		panic("servicerules: " + err.Error()) // a test parses the same file
	}
	return rules
})

// parse reads a file of rules. What is wrong in a rule is said with the rule's name.
func parse(text []byte) ([]Rule, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var rules []Rule
	if err := decoder.Decode(&rules); err != nil {
		return nil, fmt.Errorf("rules.yaml: %w", err)
	}
	return rules, nil
}
