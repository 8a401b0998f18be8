package cfntest_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/cfntest"
)

// sets are the states of a nested stack's change sets.
func (s *site) sets(path string) []string {
	s.t.Helper()
	stack := s.account.Stack(s.name, path).ID
	out, err := s.client.ListChangeSets(s.t.Context(), &cloudformation.ListChangeSetsInput{StackName: &stack})
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, c := range out.Summaries {
		all = append(all, string(c.Status))
	}
	return all
}

func TestChildFailsAfterTheRoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.ChangeSetFails("Network", "first reason")
		s.account.ChangeSetFails("App", "second reason")
		s.account.ChangeSetTakes("App", time.Minute)
		out, err := s.client.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: &s.name, ChangeSetName: aws.String("first"), ChangeSetType: creates, IncludeNestedStacks: aws.Bool(true), TemplateBody: aws.String(s.template()),
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		root := s.describe(*out.Id, false)
		if root.Status != types.ChangeSetStatusFailed || !strings.Contains(*root.StatusReason, "-Network-") {
			t.Errorf("the root is %s, %s", root.Status, aws.ToString(root.StatusReason))
		}
		if len(root.Changes) != 3 {
			t.Errorf("a failed root has %d changes, want those it would have made", len(root.Changes))
		}
		if diff := cmp.Diff([]string{"CREATE_IN_PROGRESS"}, s.sets("App")); diff != "" {
			t.Error(diff)
		}
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]string{"FAILED"}, s.sets("App")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestANestedPlanMayNeedItsExports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, cfntest.NestedPlansNeedExports())
		if root := s.describe(s.plan("first"), false); root.Status != types.ChangeSetStatusFailed {
			t.Errorf("the root is %s", root.Status)
		}
		if diff := cmp.Diff([]string{"CREATE_COMPLETE"}, s.sets("Network")); diff != "" {
			t.Error(diff)
		}
		for _, path := range []string{"Data", "App"} {
			if diff := cmp.Diff([]string{"FAILED"}, s.sets(path)); diff != "" {
				t.Error(path, diff)
			}
		}
	})
}

func TestUnchangedChildrenPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, cfntest.ChangeSetLimit(3))
		s.deploy("first")
		for i, value := range []string{"v2", "v3"} {
			s.edit("App", []string{"v1", "v2"}[i], value)
			s.deploy(value)
		}
		if diff := cmp.Diff([]string{"CREATE_COMPLETE", "FAILED", "FAILED"}, s.sets("Network")); diff != "" {
			t.Error(diff)
		}
		s.edit("App", "v3", "v4")
		_, err := s.client.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: &s.name, ChangeSetName: aws.String("v4"), IncludeNestedStacks: aws.Bool(true), TemplateBody: aws.String(s.template()),
		})
		if err == nil || !strings.Contains(err.Error(), "LimitExceededException: ChangeSet limit exceeded for stack arn:") {
			t.Errorf("got %v", err)
		}
	})
}

func TestWithoutNestedStacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		out, err := s.client.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: &s.name, ChangeSetName: aws.String("second"), TemplateBody: aws.String(s.template()),
		})
		if err != nil {
			t.Fatal(err)
		}
		s.waitForChangeSet()
		d := s.describe(*out.Id, false)
		if d.Status != types.ChangeSetStatusCreateComplete || len(d.Changes) != 3 || d.Changes[0].ResourceChange.ChangeSetId != nil {
			t.Errorf("%s with %d changes: without looking into them, every nested stack is a Modify", d.Status, len(d.Changes))
		}
	})
}

func TestHiddenFromValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.account.HideFromValues("Data/Database")
		s.edit("Data", "BackupRetentionPeriod: 7", "BackupRetentionPeriod: 14")
		child := *s.describe(s.plan("second"), false).Changes[0].ResourceChange.ChangeSetId
		if plain, valued := len(s.describe(child, false).Changes), len(s.describe(child, true).Changes); plain != 1 || valued != 0 {
			t.Errorf("%d changes without values, %d with", plain, valued)
		}
	})
}

func TestEarlyValidation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.FailsValidation("Data", "Database", "Engine", "not one of the engines")
		root := s.describe(s.plan("first"), false)
		i := slices.IndexFunc(root.Changes, func(c types.Change) bool { return *c.ResourceChange.LogicalResourceId == "Data" })
		child := root.Changes[i].ResourceChange.ChangeSetId
		if reason := *s.describe(*child, false).StatusReason; !strings.Contains(reason, "AWS::EarlyValidation") || strings.Contains(reason, "engines") {
			t.Errorf("reason: %s", reason)
		}
		out, err := s.client.DescribeEvents(t.Context(), &cloudformation.DescribeEventsInput{ChangeSetName: child, Filters: &types.EventFilter{FailedEvents: aws.Bool(true)}})
		if err != nil || len(out.OperationEvents) != 1 {
			t.Fatalf("%v %v", out, err)
		}
		if e := out.OperationEvents[0]; *e.ValidationPath != "/Resources/Database/Properties/Engine" || *e.ValidationStatusReason != "not one of the engines" {
			t.Errorf("%+v", e)
		}
	})
}

func TestReplacementPolicies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.edit("Data", "StorageEncrypted: true", "StorageEncrypted: false")
		s.edit("Data", "Encrypted: true}\n  MountTarget", "Encrypted: false}\n  MountTarget")
		child := *s.describe(s.plan("second"), false).Changes[0].ResourceChange.ChangeSetId
		got := map[string]string{}
		for _, c := range s.describe(child, false).Changes {
			r := c.ResourceChange
			got[*r.LogicalResourceId] = string(r.Replacement) + " " + string(r.PolicyAction)
		}
		want := map[string]string{
			"Database": "True ReplaceAndSnapshot", "FileSystem": "True ReplaceAndRetain", "MountTarget": "True ReplaceAndDelete",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPlaceholderThatAParameterDoesNotTake(t *testing.T) {
	for kind, want := range map[string]string{
		"{Type: \"AWS::SSM::Parameter::Value<String>\"}": "Unable to fetch parameters [{{IntrinsicFunction:",
		"{Type: String, AllowedPattern: \"[a-z]+\"}":     "Parameter 'Name' must match pattern [a-z]+",
		"{Type: String}": "Only executable from the root change set.",
	} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t)
				child := s.account.PutObject("b", "child.yaml", []byte("Parameters:\n  Name: "+kind+"\nResources:\n"+parameterOf("One", "!Ref Name")))
				body := "Resources:\n" + parameterOf("Two", "x") + "  App:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: \"" + child + "\", Parameters: {Name: !GetAtt Data.Outputs.Name}}\n" +
					"  Data:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: \"" + s.account.PutObject("b", "data.yaml", []byte("Resources:\n"+parameterOf("Three", "x")+"Outputs:\n  Name: {Value: !Ref Three}\n")) + "\"}\n"
				out, err := s.client.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
					StackName: &s.name, ChangeSetName: aws.String("first"), ChangeSetType: creates, IncludeNestedStacks: aws.Bool(true), TemplateBody: &body,
				})
				if err != nil {
					t.Fatal(err)
				}
				s.waitForChangeSet()
				app := *s.describe(*out.Id, false).Changes[0].ResourceChange.ChangeSetId
				if got := aws.ToString(s.describe(app, false).StatusReason); !strings.HasPrefix(got, want) {
					t.Errorf("got %s, want %s", got, want)
				}
			})
		})
	}
}

func TestChildOfWhichOnlyTheAddressChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.edit("App", "\nResources:", "# a comment\nResources:")
		root := s.describe(s.plan("second"), false)
		if len(root.Changes) != 1 || *root.Changes[0].ResourceChange.LogicalResourceId != "App" {
			t.Fatalf("%d changes", len(root.Changes))
		}
		child := s.describe(*root.Changes[0].ResourceChange.ChangeSetId, false)
		if child.Status != types.ChangeSetStatusFailed || root.Status != types.ChangeSetStatusCreateComplete {
			t.Errorf("root %s, child %s", root.Status, child.Status)
		}
		s.execute(*root.ChangeSetId)
		s.wantStatus("", "UPDATE_COMPLETE")
		s.wantStatus("App", "CREATE_COMPLETE")
	})
}
