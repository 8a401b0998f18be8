package cfntest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/cfntest"
)

// TestNestedShape holds a change of a nested stack against nested-shape.json, which has another form than the recordings.
func TestNestedShape(t *testing.T) {
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Skip("SHARED is not set: no answers recorded from AWS (aws-recorded/nested-shape.json)")
	}
	content, err := os.ReadFile(filepath.Join(shared, "aws-recorded", "nested-shape.json"))
	if err != nil {
		t.Fatal(err)
	}
	var shape recording
	if err := json.Unmarshal(content, &shape); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := &replay{newSite(t, cfntest.Region("us-west-2")), shape}
		r.name = "root"
		function := func(timeout string) string {
			return r.account.PutObject("templates", "child.yaml", []byte("Resources:\n  function:\n    Type: AWS::Lambda::Function\n"+
				"    Properties: {FunctionName: my-function, Timeout: "+timeout+"}\n"))
		}
		plan := func(kind types.ChangeSetType, name, timeout string) string {
			out, err := r.client.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
				StackName: &r.name, ChangeSetName: &name, ChangeSetType: kind, IncludeNestedStacks: aws.Bool(true), Capabilities: []types.Capability{"CAPABILITY_IAM"},
				TemplateBody: aws.String("Resources:\n  ChildStack:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: \"" + function(timeout) + "\"}\n"),
			})
			if err != nil {
				t.Fatal(err)
			}
			r.waitForChangeSet()
			return *out.Id
		}
		r.execute(plan(creates, "first", "3"))
		root := r.describe(plan(updates, "root-plan", "6"), false)
		child := r.describe(*root.Changes[0].ResourceChange.ChangeSetId, false)
		root.CreationTime, child.CreationTime = nil, nil // which the shape leaves out
		r.same("root", root)
		r.same("child", child)
	})
}
