package inventory

import (
	"context"
	"testing"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
)

// oneStack is a stack with a topic, and a text that is its template.
type oneStack struct{ body string }

func (oneStack) Stack(context.Context, string) (cfn.Stack, error) {
	return cfn.Stack{ID: "arn:root", Name: "site"}, nil
}

func (oneStack) Resources(context.Context, string) ([]cfn.Resource, error) {
	return []cfn.Resource{{LogicalID: "Topic", PhysicalID: "arn:topic", Type: "AWS::SNS::Topic", Status: "CREATE_COMPLETE"}}, nil
}

func (s oneStack) Template(context.Context, string) (string, error)  { return s.body, nil }
func (oneStack) Importers(context.Context, string) ([]string, error) { return nil, nil }

// A template that nobody can read keeps nobody from deleting its stack: what becomes of the resource is said to be unknown.
func TestTheFateOfWhatADeployedTemplateSays(t *testing.T) {
	for body, want := range map[string]changeset.PolicyAction{
		"Resources: {Topic: {Type: AWS::SNS::Topic, DeletionPolicy: Retain}}":                         changeset.PolicyRetain,
		"Resources: {Topic: {Type: AWS::SNS::Topic, DeletionPolicy: Delete, DeletionPolicy: Retain}}": changeset.PolicyRetain,
		"Resources: {Topic: {Type: AWS::SNS::Topic}}":                                                 changeset.PolicyDelete,
		"Resources: [": changeset.PolicyUnknown,
		"":             changeset.PolicyDelete,
	} {
		got, err := Take(t.Context(), oneStack{body}, cfn.Stack{ID: "arn:root", Name: "site"}, nil)
		if err != nil || len(got.Holdings) != 1 || got.Holdings[0].PolicyAction != want {
			t.Errorf("%q: %+v, %v; want %s", body, got, err, want)
		}
	}
}
