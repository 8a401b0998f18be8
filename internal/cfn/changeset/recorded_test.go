package changeset

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"
)

// recorded reads answers that real AWS gave: {test: {answers: {step: answer}}}. They lie outside the project.
func recorded(t *testing.T, file, test string) map[string]json.RawMessage {
	t.Helper()
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Skip("no recorded answers: set SHARED to the folder that has aws-recorded")
	}
	raw, err := os.ReadFile(filepath.Join(shared, "aws-recorded", file))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct{ Answers map[string]json.RawMessage }
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if all[test].Answers == nil {
		t.Fatalf("%s has no %s", file, test)
	}
	return all[test].Answers
}

func described(t *testing.T, raw json.RawMessage) *cloudformation.DescribeChangeSetOutput {
	t.Helper()
	var loose any
	if err := json.Unmarshal(raw, &loose); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(asSent(loose))
	if err != nil {
		t.Fatal(err)
	}
	d := &cloudformation.DescribeChangeSetOutput{}
	if err := json.Unmarshal(raw, d); err != nil {
		t.Fatal(err)
	}
	return d
}

// asSent turns the contexts, which the recorder had decoded, into the strings that AWS sends.
func asSent(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = asSent(v[i])
		}
	case map[string]any:
		for key, value := range v {
			if v[key] = asSent(value); strings.HasSuffix(key, "Context") {
				text, _ := json.Marshal(value)
				v[key] = string(text)
			}
		}
	}
	return v
}

// sketch is a tree in few words, a line a change.
func sketch(s *Stack) string {
	var b strings.Builder
	s.Walk(func(s *Stack) {
		fmt.Fprintf(&b, "%c %s\n", rune(s.Action), s.LogicalID())
		for _, i := range s.Items {
			fmt.Fprintf(&b, "  %c %s %s", rune(i.Action), i.LogicalID, i.PolicyAction)
			if i.Uncertain {
				b.WriteString(" uncertain")
			}
			if i.LosesData() {
				b.WriteString(" LOSES DATA")
			}
			b.WriteString("\n")
			for _, p := range i.Properties {
				fmt.Fprintf(&b, "    %s %q %q %d %v %s\n", p.Path, p.Before, p.After, p.Recreation, p.Dynamic, p.Cause)
			}
		}
	})
	return b.String()
}

func TestRecordedReplacement(t *testing.T) {
	answers := recorded(t, "replacement.json", "TestChangeSetRef::test_immutable_property_update_causes_resource_replacement")
	d := &Description{Plain: described(t, answers["describe-change-set-2"]), Values: described(t, answers["describe-change-set-2-prop-values"])}
	want := `~ stack-name-1
  ± Topic1 Delete
    Properties/DisplayName "value" "new_value" 0 false 
    Properties/TopicName "topic-name-1" "updated-topic-name-1" 2 false 
  ~ Topic2 
    Properties/DisplayName "arn:aws:sns:us-east-1:123456789012:topic-name-1" "(known after apply)" 0 false Topic1
`
	if diff := cmp.Diff(want, sketch(Build(d, nil))); diff != "" {
		t.Error(diff)
	}
}

// With property values CloudFormation leaves out Topic2, which did change.
func TestRecordedDescriptionWithValuesHidesAChange(t *testing.T) {
	answers := recorded(t, "values-hide-a-change.json", "TestChangeSetFnGetAttr::test_direct_attribute_value_change")
	d := &Description{Plain: described(t, answers["describe-change-set-2"]), Values: described(t, answers["describe-change-set-2-prop-values"])}
	want := `~ stack-name-1
  ~ Topic1 
    Properties/DisplayName "display-value-1" "display-value-2" 0 false 
  ~ Topic2  uncertain
    Properties/DisplayName "" "" 0 true Topic1.DisplayName
`
	if diff := cmp.Diff(want, sketch(Build(d, nil))); diff != "" {
		t.Error(diff)
	}
}

// An Add that says Replacement True is an add.
func TestRecordedAddSaysReplacement(t *testing.T) {
	answers := recorded(t, "add-says-replacement.json", "TestChangeSetConditions::test_condition_update_adds_resource")
	for step, raw := range answers {
		if !strings.HasPrefix(step, "describe-change-set-1") {
			continue
		}
		for _, item := range Build(&Description{Plain: described(t, raw)}, nil).Items {
			if item.Action != Add {
				t.Errorf("%s: %s is %s, want add", step, item.LogicalID, item.Action)
			}
		}
	}
}

// A missing export is no failure of the plan, and its warning is kept.
func TestRecordedMissingExport(t *testing.T) {
	const test = "TestChangeSetImportExport::test_describe_change_set_import_non_existent_export"
	answers := recorded(t, "import-missing-export.json", test)
	d := &Description{Plain: described(t, answers["describe"]), Values: described(t, answers["describe_with_values"])}
	if state := StateOf(d.Values); state != Ready {
		t.Errorf("state %d, want ready", state)
	}
	if note := Build(d, nil).Note; !strings.Contains(note, "No export named export-name") || strings.Contains(note, "[WARN]") {
		t.Errorf("note %q", note)
	}
}

func TestRecordedNoChange(t *testing.T) {
	for test, step := range map[string]string{
		"test_create_change_set_no_changes": "change-set-description", "test_empty_changeset": "describe_nochange",
	} {
		if state := StateOf(described(t, recorded(t, "no-change.json", test)[step])); state != Unchanged {
			t.Errorf("%s: state %d, want unchanged", test, state)
		}
	}
}

func TestRecordedNestedShape(t *testing.T) {
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Skip("no recorded answers: set SHARED to the folder that has aws-recorded")
	}
	raw, err := os.ReadFile(filepath.Join(shared, "aws-recorded", "nested-shape.json"))
	if err != nil {
		t.Fatal(err)
	}
	var shape struct{ Root, Child json.RawMessage }
	if err := json.Unmarshal(raw, &shape); err != nil {
		t.Fatal(err)
	}
	root, child := described(t, shape.Root), described(t, shape.Child)
	if got := Nested(root)["ChildStack"]; got != *child.ChangeSetId {
		t.Errorf("the nested change set is %q", got)
	}
	if StateOf(child) != Ready {
		t.Error("a nested change set that only the root can execute is ready")
	}
	want := `~ root
~ ChildStack
  ~ function 
    Properties/Timeout "" "" 0 false 
`
	d := &Description{Plain: root, Children: map[string]*Description{"ChildStack": {Plain: child}}}
	if diff := cmp.Diff(want, sketch(Build(d, nil))); diff != "" {
		t.Error(diff)
	}
}
