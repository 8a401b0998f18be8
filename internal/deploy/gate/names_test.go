package gate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/template"
)

func TestNamesRemoved(t *testing.T) {
	parse := func(text string) *template.Template {
		t.Helper()
		parsed, err := template.Parse("template.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	old := parse(`
Resources:
  AliasIpv4: {Type: AWS::Route53::RecordSet, Properties: {Name: m.example.edu, Type: A}}
  Kept: {Type: AWS::Route53::RecordSet, Properties: {Name: n.example.edu, Type: A}}
  Topic: {Type: AWS::SNS::Topic}
`)
	new := parse("Resources: {Kept: {Type: AWS::Route53::RecordSet, Properties: {Name: n.example.edu, Type: A}}}")
	want := []string{"App/AliasIpv4: the record of m.example.edu goes: point the name at the load balancer yourself in the same minute, or nobody finds the site"}
	stacks := []Stack{{Path: address.Path{"App"}, Old: old, New: new}, {Path: address.Path{"New"}, New: old}, {Path: address.Path{"Gone"}, Old: old}}
	if diff := cmp.Diff(want, NamesRemoved(Facts{Stacks: stacks})); diff != "" {
		t.Error(diff)
	}
}
