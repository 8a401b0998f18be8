package cfntest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/cfntest"
)

const (
	creates = types.ChangeSetTypeCreate
	updates = types.ChangeSetTypeUpdate
)

// captured does what the recorder's own steps do: two change sets one after the other, each described with and without values
// and executed, then the stack deleted.
func captured(r *replay, first, second string, capabilities ...types.Capability) {
	id := *r.change(creates, "change-set-id-1", first, capabilities...).Id
	r.same("describe-change-set-1-prop-values", r.describe(id, true))
	r.same("describe-change-set-1", r.describe(id, false))
	r.execute(id)
	r.same("post-create-1-describe", r.stack())
	id = *r.change(updates, "change-set-id-2", second, capabilities...).Id
	r.same("describe-change-set-2-prop-values", r.describe(id, true))
	r.same("describe-change-set-2", r.describe(id, false))
	r.execute(id)
	r.same("post-create-2-describe", r.stack())
	stack := r.account.Stack(r.name).ID
	r.remove()
	r.same("delete-describe", r.stackBy(stack))
}

func topic(id, name, display string) string {
	text := "  " + id + ":\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: " + name + "\n"
	if display != "" {
		text += "      DisplayName: " + display + "\n"
	}
	return text
}

var allCapabilities = []types.Capability{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"}

func TestRecordedReplacementAlone(t *testing.T) {
	replays(t, "update-in-place.json", "TestCaptureUpdateProcess::test_direct_update", func(r *replay) {
		captured(r, "Resources:\n"+topic("Foo", "topic-1", ""), "Resources:\n"+topic("Foo", "topic-2", ""), allCapabilities...)
		r.events("per-resource-events", "Foo", "Foo", false)
		r.events("per-resource-events", "Stack", r.name, false)
	})
}

func TestRecordedReplacementThatOthersReferTo(t *testing.T) {
	replays(t, "replacement.json", "TestChangeSetRef::test_immutable_property_update_causes_resource_replacement", func(r *replay) {
		second := topic("Topic2", "topic-name-2", "!Ref Topic1")
		captured(r, "Resources:\n"+topic("Topic1", "topic-name-1", "value")+second, "Resources:\n"+topic("Topic1", "updated-topic-name-1", "new_value")+second)
	}, cfntest.AddsSayReplacement())
}

func TestRecordedEventsOfAReplacement(t *testing.T) {
	replays(t, "replacement.json", "TestChangeSetRef::test_immutable_property_update_causes_resource_replacement", func(r *replay) {
		second := topic("Topic2", "topic-name-2", "!Ref Topic1")
		r.execute(*r.change(creates, "one", "Resources:\n"+topic("Topic1", "topic-name-1", "value")+second).Id)
		r.execute(*r.change(updates, "two", "Resources:\n"+topic("Topic1", "updated-topic-name-1", "new_value")+second).Id)
		for _, id := range []string{"Topic1", "Topic2", r.name} {
			r.events("per-resource-events", id, id, true)
		}
	})
}

func TestRecordedValuesHideAChange(t *testing.T) {
	replays(t, "values-hide-a-change.json", "TestChangeSetFnGetAttr::test_direct_attribute_value_change", func(r *replay) {
		second := topic("Topic2", "topic-name-2", "!GetAtt Topic1.DisplayName")
		captured(r, "Resources:\n"+topic("Topic1", "topic-name-1", "display-value-1")+second, "Resources:\n"+topic("Topic1", "topic-name-1", "display-value-2")+second)
	}, cfntest.AddsSayReplacement())
}

func TestRecordedEventsOfWhatWasHidden(t *testing.T) {
	replays(t, "values-hide-a-change.json", "TestChangeSetFnGetAttr::test_direct_attribute_value_change", func(r *replay) {
		second := topic("Topic2", "topic-name-2", "!GetAtt Topic1.DisplayName")
		r.execute(*r.change(creates, "one", "Resources:\n"+topic("Topic1", "topic-name-1", "display-value-1")+second).Id)
		r.execute(*r.change(updates, "two", "Resources:\n"+topic("Topic1", "topic-name-1", "display-value-2")+second).Id)
		for _, id := range []string{"Topic1", "Topic2", r.name} {
			r.events("per-resource-events", id, id, true)
		}
	})
}

func TestRecordedCondition(t *testing.T) {
	replays(t, "add-says-replacement.json", "TestChangeSetConditions::test_condition_update_adds_resource", func(r *replay) {
		template := func(value string) string {
			return "Conditions:\n  Create: !Equals [" + value + ", yes]\nResources:\n" + topic("TopicPlaceholder", "topic-name-2", "") +
				"  SNSTopic:\n    Type: AWS::SNS::Topic\n    Condition: Create\n    Properties: {TopicName: topic-name-1}\n"
		}
		captured(r, template("no"), template("yes"))
	}, cfntest.AddsSayReplacement())
}

func TestRecordedNoChange(t *testing.T) {
	const template = "Resources:\n  CDKMetadata:\n    Type: AWS::CDK::Metadata\n"
	replays(t, "no-change.json", "test_empty_changeset", func(r *replay) {
		capabilities := []types.Capability{"CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}
		made := r.change(creates, "one", template, capabilities...)
		r.same("first_changeset", made)
		r.same("describe_first_cs", r.describe(*made.Id, false))
		r.execute(*made.Id)
		nothing := r.change(updates, "two", template, capabilities...)
		r.same("nochange_changeset", nothing)
		r.same("describe_nochange", r.describe(*nothing.Id, false))
		_, err := r.client.ExecuteChangeSet(r.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: nothing.Id})
		r.refused("error_execute_failed", err)
	})
	replays(t, "no-change.json", "test_create_change_set_no_changes", func(r *replay) {
		r.execute(*r.change(creates, "one", template).Id)
		r.same("change-set-description", r.describe(*r.change(updates, "two", template).Id, false))
	})
	replays(t, "no-change.json", "TestStacksApi::test_update_stack_with_same_template_withoutchange", func(r *replay) {
		r.execute(*r.change(creates, "one", template).Id)
		body := template
		_, err := r.client.UpdateStack(r.t.Context(), &cloudformation.UpdateStackInput{StackName: &r.name, TemplateBody: &body})
		r.refused("no_change_exception", err)
	})
}

func TestRecordedImports(t *testing.T) {
	const template = "Resources:\n  MyFoo:\n    Type: AWS::SSM::Parameter\n    Properties: {Type: String, Value: !ImportValue export-name}\n"
	export := func(r *replay) {
		name := r.name
		r.name = "exporter"
		r.execute(*r.change(creates, "export", "Resources:\n"+topic("T", "t", "")+"Outputs:\n  O: {Value: value-1, Export: {Name: export-name}}\n").Id)
		r.name = name
	}
	run := func(r *replay, then func(r *replay)) {
		id := *r.change(creates, "one", template).Id
		r.same("describe", r.describe(id, false))
		r.same("describe_with_values", r.describe(id, true))
		then(r)
		r.execute(id)
		r.same("post-deploy-stack-describe", r.stack())
	}
	const file = "import-missing-export.json"
	replays(t, file, "TestChangeSetImportExport::test_describe_change_set_import", func(r *replay) {
		export(r)
		run(r, func(*replay) {})
	})
	replays(t, file, "TestChangeSetImportExport::test_describe_change_set_import_non_existent_export", func(r *replay) {
		run(r, func(*replay) {})
	})
	replays(t, file, "TestChangeSetImportExport::test_describe_change_set_import_non_existent_export_then_create", func(r *replay) { run(r, export) })
}
