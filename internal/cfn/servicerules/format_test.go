package servicerules

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn/schema"
)

func TestTheRulesAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			for _, fault := range faults(&rule) {
				t.Error(fault)
			}
			if seen[rule.ID] {
				t.Error("there are two rules of this name")
			}
			seen[rule.ID] = true
		})
	}
	for name := range checks {
		if !slices.ContainsFunc(Rules(), func(r Rule) bool { return r.Check == name }) {
			t.Errorf("no rule has the check %s", name)
		}
	}
}

// TestABrokenRuleIsNamed breaks a good rule in each way.
func TestABrokenRuleIsNamed(t *testing.T) {
	const good = `
- id: efs-good
  class: range
  rule: This is one
  at: {AWS::EFS::FileSystem: [.]}
  when: [{path: ThroughputMode, in: [provisioned]}]
  must: [{path: ProvisionedThroughputInMibps, min: 1}]
  error: {code: BadRequest, text: no, from: memory}
  page: https://docs.aws.amazon.com/efs/
  from: read
`
	for _, row := range []struct{ old, new, want string }{
		{"", "", ""},
		{"class: range", "class: rage", `class "rage"`},
		{"rule: This is one", "rule: ''", "no sentence"},
		{"rule: This is one", "rle: x", "field rle not found"},
		{"AWS::EFS::FileSystem", "AWS::EFS::Filesystem", "no type AWS::EFS::Filesystem in types.txt"},
		{"[.]", "['LifecyclePolices[]']", "AWS::EFS::FileSystem has no LifecyclePolices"},
		{"at: {", "at: {'*': ['{tags}'], ", "every type, and one by itself"},
		{"path: ThroughputMode", "path: Throughput", "AWS::EFS::FileSystem has no Throughput"},
		{"path: ThroughputMode", "path: 'LifecyclePolicies[Key]'", "use [] or [Key=value]"},
		{"in: [provisioned]", "matches: '(?!a)'", "invalid or unsupported Perl syntax"},
		{"in: [provisioned]", "matches: '\\p{Greek}'", "the local AWS has no"},
		{", min: 1", "", "without an operator"},
		{"min: 1", "by: 1", "by without atLeast"},
		{"min: 1", "any: [{path: Encrypted, in: [true]}]", "any beside a path"},
		{"  must: [{path: ProvisionedThroughputInMibps, min: 1}]\n", "", "one of must, check and held"},
		{"  must:", "  check: nothing\n  must:", "one of must, check and held"},
		{"  must: [{path: ProvisionedThroughputInMibps, min: 1}]", "  check: nothing", "no check nothing"},
		{"  must: [{path: ProvisionedThroughputInMibps, min: 1}]", "  held: internal/nowhere", "internal/nowhere is not here"},
		{"text: no, from: memory", "text: no", `words from ""`},
		{"page: https", "page: http", "page http"},
		{"  from: read", "  from: hearsay", `from "hearsay"`},
	} {
		text := strings.Replace(good, row.old, row.new, 1)
		rules, err := parse([]byte(text))
		var said []string
		if err != nil {
			said = append(said, err.Error())
		}
		for i := range rules {
			said = append(said, faults(&rules[i])...)
		}
		if got := strings.Join(said, "\n"); !strings.Contains(got, row.want) || row.want == "" && got != "" {
			t.Errorf("%s in the place of %s: said %q, want %q", row.new, row.old, got, row.want)
		}
	}
}

var (
	ruleID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	page   = regexp.MustCompile(`^(https://\S+|[\w.-]+/[\w.-]+#\d+)$`)
	// category is a class of Unicode that localaws/schema.py spells out.
	category = regexp.MustCompile(`\\[pP]\{?([^}])[^}]*\}?`)
)

// faults returns what is wrong with a rule's form.
func faults(rule *Rule) []string {
	var all []string
	fault := func(format string, args ...any) { all = append(all, rule.ID+": "+fmt.Sprintf(format, args...)) }
	if !ruleID.MatchString(rule.ID) {
		fault("the id is not of the form service-what")
	}
	if !slices.Contains(Classes, rule.Class) {
		fault("class %q is none of %v", rule.Class, Classes)
	}
	if rule.Rule == "" {
		fault("no sentence says the rule")
	}
	if !page.MatchString(rule.Page) {
		fault("page %s is no https address and no owner/repository#number", rule.Page)
	}
	if rule.From != Read && rule.From != Memory {
		fault("from %q is not read or memory", rule.From)
	}
	if rule.Error.Code+rule.Error.Text != "" && rule.Error.From != Read && rule.Error.From != Memory {
		fault("words from %q, not read or memory", rule.Error.From)
	}
	given := 0
	for _, way := range []bool{rule.Must != nil, rule.Check != "", rule.Held != ""} {
		if way {
			given++
		}
	}
	if given != 1 {
		fault("has %d of them, a rule has one of must, check and held", given)
	}
	if rule.Check != "" && checks[rule.Check] == nil {
		fault("there is no check %s in checks.go", rule.Check)
	}
	for name := range strings.FieldsSeq(rule.Held) {
		if _, err := os.Stat(filepath.Join("../../..", strings.TrimSuffix(name, ","))); err != nil {
			fault("%s is not here", name)
		}
	}
	return append(all, misplaced(rule)...)
}

// misplaced returns the types, paths and operators of a rule that make no sense.
func misplaced(rule *Rule) []string {
	var all []string
	if len(rule.At) == 0 {
		all = append(all, rule.ID+": no type")
	}
	if rule.At["*"] != nil && len(rule.At) > 1 {
		all = append(all, rule.ID+": every type, and one by itself")
	}
	for kind, paths := range rule.At {
		of, known := schema.Of(kind)
		if !known && kind != "*" {
			all = append(all, rule.ID+": no type "+kind+" in types.txt")
			continue
		}
		for _, path := range paths {
			if kind == "*" {
				of, _ = schema.Of("AWS::EC2::VPC") // any that takes tags
				path = strings.ReplaceAll(path, "{tags}", of.Tags)
			}
			for _, what := range append(unknownPaths(of, "", path), conditionFaults(of, path, append(slices.Clone(rule.When), rule.Must...))...) {
				all = append(all, rule.ID+": "+what)
			}
		}
	}
	return all
}

func conditionFaults(of *schema.Type, base string, conditions []Condition) []string {
	var all []string
	for _, c := range conditions {
		if c.Any != nil {
			if c.Path != "" || c.hasOperator() {
				all = append(all, "any beside a path or an operator")
			}
			all = append(all, conditionFaults(of, base, c.Any)...)
			continue
		}
		if !c.hasOperator() {
			all = append(all, "a condition without an operator: "+c.Path)
		}
		if c.By != 0 && c.AtLeast == "" {
			all = append(all, "by without atLeast: "+c.Path)
		}
		for _, pattern := range []string{c.Matches, c.MatchesNot} {
			if _, err := regexp.Compile(pattern); err != nil {
				all = append(all, err.Error())
			}
			for _, found := range category.FindAllString(pattern, -1) {
				if !slices.Contains([]string{`\p{L}`, `\p{N}`, `\p{P}`, `\p{S}`, `\p{Z}`}, found) {
					all = append(all, "the local AWS has no "+found)
				}
			}
		}
		all = append(all, unknownPaths(of, base, c.Path)...)
		if c.AtLeast != "" {
			all = append(all, unknownPaths(of, base, c.AtLeast)...)
		}
	}
	return all
}

// hasOperator reports whether the condition says anything of its value.
func (c Condition) hasOperator() bool {
	c.Path, c.By, c.Fold, c.Any = "", 0, false, nil
	return !reflect.DeepEqual(c, Condition{})
}

// unknownPaths returns what a path leads to that the type's schema does not have.
func unknownPaths(of *schema.Type, base, path string) []string {
	at := of.Properties()
	for _, part := range []string{base, path} {
		if part == "" {
			continue
		}
		all, err := steps(part)
		if err != nil {
			return []string{err.Error()}
		}
		for _, s := range all {
			next, ok := at.Property(s.name)
			if !ok {
				return []string{of.Name + " has no " + part}
			}
			at = next
		}
	}
	return nil
}
