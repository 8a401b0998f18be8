package cfntest_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func parameterOf(id, value string) string {
	return "  " + id + ":\n    Type: AWS::SSM::Parameter\n    Properties: {Type: String, Value: " + value + "}\n"
}

func TestRecordedLifecycle(t *testing.T) {
	replays(t, "lifecycle-events.json", "TestStacksApi::test_stack_lifecycle", func(r *replay) {
		template := "Parameters:\n  ApiName: {Type: String}\nResources:\n  Api:\n    Type: AWS::SNS::Topic\n    Properties: {DisplayName: !Ref ApiName}\n"
		change := func(kind types.ChangeSetType, name, value string) {
			out, err := r.client.CreateChangeSet(r.t.Context(), &cloudformation.CreateChangeSetInput{
				StackName: &r.name, ChangeSetName: &name, ChangeSetType: kind, TemplateBody: &template,
				Parameters:   []types.Parameter{{ParameterKey: aws.String("ApiName"), ParameterValue: &value}},
				Capabilities: []types.Capability{"CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"},
			})
			if err != nil {
				r.t.Fatal(err)
			}
			r.waitForChangeSet()
			r.execute(*out.Id)
		}
		change(creates, "one", "parameter-value-1")
		r.same("creation", r.stack())
		change(updates, "two", "parameter-value-2")
		r.same("update", r.stack())
		id := r.account.Stack(r.name).ID
		r.remove()
		_, err := r.client.DescribeStacks(r.t.Context(), &cloudformation.DescribeStacksInput{StackName: &r.name})
		r.refused("describe_deleted_by_name_exc", err)
		r.same("deleted", r.stackBy(id))
	})
}

func TestRecordedEventsOfACreation(t *testing.T) {
	replays(t, "lifecycle-events.json", "TestStacksApi::test_list_events_after_deployment", func(r *replay) {
		r.execute(*r.change(creates, "one", "Resources:\n"+topic("topic123", "resource-2", "")).Id)
		want := r.want["events"].(map[string]any)["StackEvents"].([]any)
		r.want["events"] = map[string]any{"all": slices.Clone(want)}
		r.eventsOf("events", "all")
	})
}

func TestRecordedOrder(t *testing.T) {
	for _, test := range []string{"test_stack_deploy_order[A-B-C]", "test_stack_deploy_order[C-B-A]"} {
		replays(t, "lifecycle-events.json", test, func(r *replay) {
			r.execute(*r.change(creates, "one", "Resources:\n"+parameterOf("C", "!Ref B")+parameterOf("B", "!Ref A")+parameterOf("A", "root")).Id)
			id := r.account.Stack(r.name).ID
			r.remove()
			var order []string
			for _, e := range r.account.Events(id) {
				if *e.LogicalResourceId != r.name && (e.ResourceStatus == "CREATE_COMPLETE" || e.ResourceStatus == "DELETE_COMPLETE") {
					order = append(order, *e.LogicalResourceId+" "+string(e.ResourceStatus))
				}
			}
			var want []string
			for _, e := range r.want["events"].([]any) {
				m := e.(map[string]any)
				want = append(want, m["LogicalResourceId"].(string)+" "+m["ResourceStatus"].(string))
			}
			if !slices.Equal(order, want) {
				t.Errorf("recorded %v, in memory %v", want, order)
			}
		})
	}
}

func TestRecordedRetention(t *testing.T) {
	replays(t, "retain.json", "test_deletion_policy_with_retain", func(r *replay) {
		r.name = "stack-name"
		r.execute(*r.change(creates, "one", "Resources:\n"+parameterOf("MyParameter", "x")+"    DeletionPolicy: Retain\n").Id)
		id := r.account.Stack(r.name).ID
		r.remove()
		name := r.name
		r.name = id
		r.events("per-resource-events", "MyParameter", "MyParameter", false)
		r.events("per-resource-events", "Stack", name, false)
	})
}

func TestRecordedReview(t *testing.T) {
	const file = "review-in-progress-and-names.json"
	template := "Resources:\n" + parameterOf("SimpleParam", "x")
	create := func(r *replay) (*cloudformation.CreateStackOutput, error) {
		return r.client.CreateStack(r.t.Context(), &cloudformation.CreateStackInput{StackName: &r.name, TemplateBody: &template})
	}
	described := func(stack types.Stack) any { return map[string]any{"Stacks": []any{plainOf(stack)}} }
	replays(t, file, "test_create_while_in_review", func(r *replay) {
		id := *r.change(creates, "one", template).Id
		out, err := create(r)
		if err != nil {
			r.t.Fatal(err)
		}
		r.same("create_stack_while_in_review", &cloudformation.CreateStackOutput{StackId: out.StackId})
		r.wait()
		r.same("describe_stack", described(r.stack()))
		r.same("describe_change_set", r.describe(id, false))
	})
	replays(t, file, "test_multiple_create_changeset", func(r *replay) {
		first := *r.change(creates, "one", template).Id
		r.same("initial_changeset", r.describe(first, false))
		r.same("additional_changeset", r.change(creates, "two", template))
	})
	replays(t, file, "test_create_changeset_with_stack_id", func(r *replay) {
		id := *r.change(creates, "one", template).StackId
		r.same("describe_stack", described(r.stack()))
		r.remove()
		_, err := r.client.CreateChangeSet(r.t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: &id, ChangeSetName: aws.String("revived-stack-changeset"), ChangeSetType: creates, TemplateBody: &template,
		})
		r.refused("recreate_deleted_with_id_exception", err)
	})
	replays(t, file, "test_name_conflicts", func(r *replay) {
		first, err := create(r)
		if err != nil {
			r.t.Fatal(err)
		}
		r.wait()
		_, err = create(r)
		r.refused("create_stack_already_exists_exc", err)
		r.same("created_stack_desc", r.stack().StackStatus)
		r.remove()
		_, err = r.client.DescribeStacks(r.t.Context(), &cloudformation.DescribeStacksInput{StackName: &r.name})
		r.refused("deleted_stack_not_found_exc", err)
		_, err = r.client.DescribeStackEvents(r.t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &r.name})
		r.refused("deleted_stack_events_not_found_by_name", err)
		r.same("deleted_stack_desc", described(r.stackBy(*first.StackId)))
		second, err := create(r)
		if err != nil {
			r.t.Fatal(err)
		}
		r.wait()
		r.same("new_stack_desc", described(r.stack()))
		r.same("stack_id_desc", described(r.stackBy(*first.StackId)))
		r.remove()
		r.same("deleted_second_stack_desc", described(r.stackBy(*second.StackId)))
	})
}

func TestRecordedErrors(t *testing.T) {
	const file = "errors.json"
	name, template := aws.String("stack-name"), "Resources:\n"+parameterOf("SimpleParam", "x")
	describe := func(r *replay, in *cloudformation.DescribeChangeSetInput) error {
		_, err := r.client.DescribeChangeSet(r.t.Context(), in)
		return err
	}
	remove := func(r *replay, in *cloudformation.DeleteChangeSetInput) error {
		_, err := r.client.DeleteChangeSet(r.t.Context(), in)
		return err
	}
	plan := func(r *replay, body string) error {
		_, err := r.client.CreateChangeSet(r.t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: name, ChangeSetName: aws.String("one"), ChangeSetType: creates, TemplateBody: &body,
		})
		return err
	}
	replays(t, file, "test_describe_change_set_nonexisting", func(r *replay) {
		r.refused("exception", describe(r, &cloudformation.DescribeChangeSetInput{StackName: aws.String("somestack"), ChangeSetName: aws.String("c")}))
	})
	replays(t, file, "test_delete_change_set_exception", func(r *replay) {
		r.refused("e1", remove(r, &cloudformation.DeleteChangeSetInput{StackName: aws.String("nostack"), ChangeSetName: aws.String("c")}))
		r.refused("e2", remove(r, &cloudformation.DeleteChangeSetInput{ChangeSetName: aws.String("c")}))
	})
	replays(t, file, "test_deleted_changeset", func(r *replay) {
		id := r.change(creates, "one", template).Id
		if err := remove(r, &cloudformation.DeleteChangeSetInput{ChangeSetName: id}); err != nil {
			r.t.Fatal(err)
		}
		r.refused("postdelete_changeset_notfound", describe(r, &cloudformation.DescribeChangeSetInput{ChangeSetName: id}))
	})
	replays(t, file, "test_non_existing_stack_message", func(r *replay) {
		_, err := r.client.DescribeStacks(r.t.Context(), &cloudformation.DescribeStacksInput{StackName: name})
		r.refused("Error", err)
	})
	replays(t, file, "test_stack_resource_not_found", func(r *replay) {
		r.name = "stack-name"
		r.execute(*r.change(creates, "one", template).Id)
		_, err := r.client.DescribeStackResource(r.t.Context(), &cloudformation.DescribeStackResourceInput{StackName: name, LogicalResourceId: aws.String("NonExistentResource")})
		r.refused("Error", err)
	})
	replays(t, file, "test_describe_non_existent_stack", func(r *replay) {
		_, err := r.client.DescribeStackResource(r.t.Context(), &cloudformation.DescribeStackResourceInput{StackName: aws.String("not-a-valid-stack"), LogicalResourceId: aws.String("x")})
		r.refused("error", err)
	})
	replays(t, file, "test_no_parameters_given", func(r *replay) {
		r.refused("deploy-error", plan(r, "Parameters:\n  Input: {Type: String}\n"+template))
	})
	replays(t, file, "test_linting_error_during_creation", func(r *replay) {
		r.refused("error", plan(r, "Resources:\n  First: a text\n"))
	})
}

func TestRecordedExports(t *testing.T) {
	replays(t, "exports.json", "TestImportValues::test_cfn_with_exports", func(r *replay) {
		r.name = "stack-name"
		template := "Resources:\n" + parameterOf("SimpleParam", "x") + "Outputs:\n"
		for _, n := range []string{"0", "1", "2"} {
			template += "  O" + n + ": {Value: test, Export: {Name: !Sub \"${AWS::StackName}-TestExport-" + n + "\"}}\n"
		}
		r.execute(*r.change(creates, "one", template).Id)
		out, err := r.client.ListExports(r.t.Context(), &cloudformation.ListExportsInput{})
		if err != nil {
			r.t.Fatal(err)
		}
		r.same("exports", out.Exports)
	})
}
