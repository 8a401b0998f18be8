package conformance

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// within does something with another stack as the root.
func (j *journey) within(stack string, do func()) {
	mine := j.stack
	j.stack = stack
	do()
	j.stack = mine
}

func exporter(value string) string {
	return resources(topic("Given", "given-"+value, "x")) + outputs(export("Out", value, "shared-name"))
}

func exportsInUse(j *journey) {
	j.within("exporter", func() { j.deploy(creation, exporter("one")) })
	exports, err := j.cfn.ListExports(j.t.Context(), &cloudformation.ListExportsInput{})
	j.must(err)
	j.same(
		"exports",
		len(exports.Exports) == 1 && *exports.Exports[0].Name == "shared-name" && *exports.Exports[0].Value == "one",
		true,
	)
	_, err = j.cfn.ListImports(j.t.Context(), &cloudformation.ListImportsInput{ExportName: aws.String("shared-name")})
	j.refused("nobody imports", err, "ValidationError", "Export 'shared-name' is not imported by any stack.")
	j.within("importer", func() { j.deploy(creation, resources(parameter("User", "!ImportValue shared-name"))) })
	imports, err := j.cfn.ListImports(
		j.t.Context(),
		&cloudformation.ListImportsInput{ExportName: aws.String("shared-name")},
	)
	j.must(err)
	j.same("importers", imports.Imports, []string{"importer"})

	j.within("exporter", func() {
		before := j.events(j.stack)
		j.deploy(update, exporter("two"))
		j.same("changed export", of(since(j.events(j.stack), before), "."), []string{
			". UPDATE_IN_PROGRESS User Initiated",
			". UPDATE_ROLLBACK_IN_PROGRESS Export shared-name cannot be updated as it is in use by importer",
			". UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", ". UPDATE_ROLLBACK_COMPLETE",
		})
		before = j.events(j.stack)
		j.deploy(update, resources(topic("Given", "given-one", "y")))
		j.same("removed export", of(since(j.events(j.stack), before), ".")[1:2], []string{
			". UPDATE_ROLLBACK_IN_PROGRESS Export shared-name cannot be deleted as it is in use by importer",
		})
		_, err := j.cfn.DeleteStack(j.t.Context(), &cloudformation.DeleteStackInput{StackName: &j.stack})
		j.same("deletion is accepted", err == nil, true)
		if err == nil {
			j.wait()
		}
		j.same("and given up", j.status(j.stack), "UPDATE_ROLLBACK_COMPLETE")
		j.same(
			"with the reason", j.tidy(aws.ToString(j.find(j.stack).StackStatusReason)),
			"Delete canceled. Cannot delete export shared-name as it is in use by importer.",
		)
	})
	exportsTwice(j)
}

// exportsTwice gives an export a name that another stack's has: in a stack of its own, and in a nested one.
func exportsTwice(j *journey) {
	j.within("second", func() {
		j.deploy(creation, resources(topic("Other", "other", "x"))+outputs(export("Out", "three", "shared-name")))
		j.same("export twice", j.status(j.stack), "ROLLBACK_COMPLETE")
		j.same("export twice, its reason", slices.Contains(
			j.events(j.stack),
			". ROLLBACK_IN_PROGRESS Export with name shared-name is already exported by stack exporter. Rollback requested by user.",
		), true)
	})
	j.within("tree", func() {
		theirs := resources(topic("Other", "nested-other", "x")) + outputs(export("Out", "three", "shared-name"))
		j.deploy(creation, j.root(nested{id: "Data", template: theirs}))
		j.same("export twice, in a nested stack", j.status(j.stack), "ROLLBACK_COMPLETE")
		j.same("export twice, in a nested stack, its reason", slices.Contains(
			j.events(j.physical("Data")),
			". ROLLBACK_IN_PROGRESS Export with name shared-name is already exported by stack exporter. Rollback requested by user.",
		), true)
	})
}

func missingExport(j *journey) {
	id := j.plan(creation, resources(parameter("MyFoo", "!ImportValue not-there")))
	j.same("state", j.state(id), ready)
	valued := j.describe(id, true)
	j.same(
		"warning", aws.ToString(valued.StatusReason),
		"[WARN] --include-property-values option can return incomplete ChangeSet data because: ChangeSet creation failed for resource [MyFoo] because: No export named not-there",
	)
	j.same(
		"value", parsed(valued.Changes[0].ResourceChange.AfterContext),
		parsed(aws.String(`{"Properties":{"Type":"String","Value":"{{changeSet:KNOWN_AFTER_APPLY}}"}}`)),
	)
	j.execute(id)
	j.wait()
	j.same("status", j.status(j.stack), "ROLLBACK_COMPLETE")
	own := of(j.events(j.stack), ".")
	j.same(
		"reason", own[len(own)-2],
		". ROLLBACK_IN_PROGRESS No export named not-there found. Rollback requested by user.",
	)
}

func nestedPlanFails(j *journey) {
	child := "Parameters:\n  Name:\n    Type: String\n    AllowedPattern: \"[a-z]+\"\n" + resources(
		parameter("One", "!Ref Name"),
	)
	data := resources(parameter("Two", "x")) + "Outputs:\n  Name:\n    Value: !Ref Two\n"
	id := j.plan(
		creation,
		"Resources:\n  Data:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: "+j.upload(
			data,
		)+
			"\n  App:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: "+j.upload(
			child,
		)+"\n      Parameters:\n        Name: !GetAtt Data.Outputs.Name\n",
	)
	j.same(
		"root's state", j.state(id),
		"FAILED UNAVAILABLE Nested change set {App} was not successfully created: Currently in FAILED.",
	)
	app := j.nestedSet(id, "App")
	j.same(
		"nested state", final(j.describe(app, false).Status, j.describe(app, false).ExecutionStatus, nil),
		"FAILED UNAVAILABLE",
	)
	j.same(
		"nested reason", j.tidy(aws.ToString(j.describe(app, false).StatusReason)),
		"Parameter 'Name' must match pattern [a-z]+",
	)
}
