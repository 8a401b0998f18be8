package template

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const parent = `
Resources:
  App:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: one
      Parameters: {Size: small, Zone: a, From: !GetAtt Data.Outputs.Name, Same: 1}
`

const nested = `
Parameters:
  Size: {Type: String}
  Zone: {Type: String}
  From: {Type: String}
  Same: {Type: String}
  Own: {Type: String, Default: x}
  Kept: {Type: String, Default: y}
Resources: {A: {Type: "AWS::SNS::Topic"}}
`

func TestWhatAParentHandsDownPerhapsChanges(t *testing.T) {
	old, new := parse(t, parent), parse(t, strings.NewReplacer("Zone: a", "Zone: b", "Same: 1", `Same: "1"`).Replace(parent))
	inner, changed := parse(t, nested), parse(t, strings.Replace(nested, "Default: x", "Default: z", 1))
	if diff := cmp.Diff([]string{"From", "Own", "Zone"}, ParametersThatMayChange(old, new, "App", inner, changed)); diff != "" {
		t.Error(diff)
	}
	if !old.NestedParameter("App", "From").Computed() || old.NestedParameter("App", "Size").Computed() || old.NestedParameter("Other", "Size").Computed() {
		t.Error("only From is worked out")
	}
}

func TestWhatNoComparisonSeesThrough(t *testing.T) {
	for text, want := range map[string]string{
		nested: "", "Conditions: {A: !Equals [a, b]}\n" + nested: "Conditions", "Transform: AWS::Serverless-2016-10-31\n" + nested: "Transform",
		"Mappings: {A: {b: {c: d}}}\n" + nested: "Mappings",
	} {
		if got := parse(t, text).UnsupportedSection(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if !(*Template)(nil).Empty() || parse(t, nested).Empty() {
		t.Error("only no template is empty")
	}
}

func TestSameOutputs(t *testing.T) {
	a, b := parse(t, before), parse(t, before)
	if !SameOutputs(a, b) || SameOutputs(a, parse(t, nested)) {
		t.Error("outputs")
	}
}
