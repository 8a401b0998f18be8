package servicerules

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// examples are those of one rule in testdata/examples.yaml.
type examples struct {
	Type   string            `yaml:"type"`
	Tags   map[string]string `yaml:"tags"`
	Breaks []map[string]any  `yaml:"breaks"`
	Passes []map[string]any  `yaml:"passes"`
	Held   bool              `yaml:"held"` // elsewhere: no template alone shows it
}

func readExamples(t *testing.T) map[string]examples {
	t.Helper()
	text, err := os.ReadFile("testdata/examples.yaml")
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	all := map[string]examples{}
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	for _, rows := range all {
		for _, example := range append(rows.Breaks, rows.Passes...) {
			for key, value := range example {
				example[key] = written(value)
			}
		}
	}
	return all
}

// written returns a value in full: {repeat: a, times: 256} is a text of 256 letters, or a list if what repeats is no text.
func written(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = written(v[i])
		}
	case map[string]any:
		times, repeats := v["times"].(int)
		if text, ok := v["repeat"].(string); ok && repeats {
			return strings.Repeat(text, times)
		} else if repeats {
			return slices.Repeat([]any{written(v["repeat"])}, times)
		}
		for key := range v {
			v[key] = written(v[key])
		}
	}
	return value
}

// site is an example as a site of one template.
func (e examples) site(rule *Rule, example map[string]any) *Site {
	if _, whole := example["Resources"]; whole {
		return &Site{[]Template{{"example", example}}, e.Tags}
	}
	kind := e.Type
	if kind == "" && len(rule.At) == 1 {
		for only := range rule.At {
			kind = only
		}
	}
	resources := map[string]any{"X": map[string]any{"Type": kind, "Properties": example}}
	return &Site{[]Template{{"example", map[string]any{"Resources": resources}}}, e.Tags}
}

// TestEveryRuleBites lists the rules: each refuses what breaks it, and takes what only nearly does.
func TestEveryRuleBites(t *testing.T) {
	all := readExamples(t)
	for _, rule := range Rules() {
		rows := all[rule.ID]
		delete(all, rule.ID)
		if rows.Held != (rule.Held != "") {
			t.Errorf("%s: held elsewhere in rules.yaml = %t, in testdata/examples.yaml = %t", rule.ID, rule.Held != "", rows.Held)
		}
		if rule.Held != "" {
			continue
		}
		t.Run(rule.ID, func(t *testing.T) {
			if len(rows.Breaks) == 0 || len(rows.Passes) == 0 {
				t.Fatal("testdata/examples.yaml needs one example at least that breaks it, and one that passes")
			}
			one := []Rule{rule}
			for _, example := range rows.Breaks {
				found := check(one, rows.site(&rule, example))
				if len(found) == 0 {
					t.Errorf("takes %v", example)
				}
				for _, v := range found {
					t.Log(v)
				}
			}
			for _, example := range rows.Passes {
				for _, v := range check(one, rows.site(&rule, example)) {
					t.Errorf("%s: refused, and should pass", v)
				}
			}
		})
	}
	for id := range all {
		t.Errorf("examples of %s, which is not a rule: was it taken out?", id)
	}
}

// TestPoliciesBesideARoleCountToo is about what the local AWS, which sees one resource at a time, cannot notice.
func TestPoliciesBesideARoleCountToo(t *testing.T) {
	policy := map[string]any{"PolicyName": "a", "PolicyDocument": strings.Repeat("a", 6000)}
	beside := map[string]any{"PolicyDocument": strings.Repeat("a", 6000), "Roles": []any{map[string]any{"Ref": "Role"}}}
	site := &Site{Templates: []Template{{"a", map[string]any{"Resources": map[string]any{
		"Role":   map[string]any{"Type": "AWS::IAM::Role", "Properties": map[string]any{"Policies": []any{policy}}},
		"Policy": map[string]any{"Type": "AWS::IAM::Policy", "Properties": beside},
	}}}}}
	if found := Check(site); len(found) != 1 || found[0].Rule.ID != "iam-inline-size" || found[0].Resource != "Role" {
		t.Errorf("found %v", found)
	}
}
