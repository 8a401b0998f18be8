package servicerules

import (
	"os"
	"slices"
	"testing"

	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/cfn/schema"
)

// TestEveryTypeAndClassIsAnswered: each has a rule, or a page on which none was found, and not both.
func TestEveryTypeAndClassIsAnswered(t *testing.T) {
	text, err := os.ReadFile("none.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var none map[string]struct {
		None []Class `yaml:"none"`
		Page string  `yaml:"page"`
	}
	if err := yaml.Unmarshal(text, &none); err != nil {
		t.Fatal(err)
	}
	for _, name := range schema.Names() {
		answer := none[name]
		delete(none, name)
		if len(answer.None) > 0 && !page.MatchString(answer.Page) {
			t.Errorf("%s: %q is not the address of a page", name, answer.Page)
		}
		for _, class := range Classes {
			switch ruled, without := slices.ContainsFunc(Rules(), ruleOf(name, class)), slices.Contains(answer.None, class); {
			case ruled && without:
				t.Errorf("%s has a rule of class %s, and none.yaml says that there is none", name, class)
			case !ruled && !without:
				t.Errorf("%s has no rule of class %s: look for one, and write down the page in none.yaml if there is none", name, class)
			}
		}
		for _, class := range answer.None {
			if !slices.Contains(Classes, class) {
				t.Errorf("%s: %q is not a class", name, class)
			}
		}
	}
	for name := range none {
		t.Errorf("none.yaml has %s, which is not in types.txt", name)
	}
}

// ruleOf reports whether a rule is about a type, and of a class.
func ruleOf(name string, class Class) func(Rule) bool {
	of, _ := schema.Of(name)
	tags, hasTags := of.Property(of.Tags)
	return func(rule Rule) bool {
		_, about := rule.At[name]
		_, every := rule.At["*"]
		return rule.Class == class && (about || every && hasTags && tags.Kind == schema.List)
	}
}
