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
		got, err := Take(t.Context(), oneStack{body}, cfn.Stack{ID: "arn:root", Name: "site"}, nil, "")
		if err != nil || len(got.Holdings) != 1 || got.Holdings[0].PolicyAction != want {
			t.Errorf("%q: %+v, %v; want %s", body, got, err, want)
		}
	}
}

// logged is a tree of a root and a stack in it, whose outputs name log groups.
type logged map[string][]cfn.Output

func (l logged) Stack(_ context.Context, id string) (cfn.Stack, error) {
	return cfn.Stack{ID: id, Name: id, Outputs: l[id]}, nil
}

func (l logged) Resources(_ context.Context, id string) ([]cfn.Resource, error) {
	if id != "root" {
		return nil, nil
	}
	return []cfn.Resource{{LogicalID: "Data", PhysicalID: "data", Type: "AWS::CloudFormation::Stack", Status: "CREATE_COMPLETE"}}, nil
}

func (logged) Template(context.Context, string) (string, error)    { return "", nil }
func (logged) Importers(context.Context, string) ([]string, error) { return nil, nil }

// What a service made is listed once, whichever stack's outputs are there.
func TestLogGroupsThatServicesMake(t *testing.T) {
	group := []cfn.Output{{Key: "Address", Value: "a"}, {Key: "Log", Value: "/aws/x"}}
	for _, test := range []struct {
		name   string
		tree   logged
		key    string
		listed string
	}{
		{"root and nested stack", logged{"root": group, "data": group}, "Log", "Log"},
		{"a root that failed before its outputs", logged{"data": group}, "Log", "Data/Log"},
		{"other outputs", logged{"root": group, "data": group}, "Logs", ""},
		{"a folder that names none", logged{"root": {{Key: "", Value: "/aws/x"}}}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Take(t.Context(), test.tree, cfn.Stack{ID: "root", Name: "site"}, nil, test.key)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.LogGroups) == 0 && test.listed == "" {
				return
			}
			if len(got.LogGroups) != 1 || got.LogGroups[0].Path.Resource(got.LogGroups[0].LogicalID).String() != test.listed ||
				got.LogGroups[0].PhysicalID != "/aws/x" || got.LogGroups[0].PolicyAction != changeset.PolicyRetain {
				t.Errorf("got %+v, want %q", got.LogGroups, test.listed)
			}
		})
	}
}
