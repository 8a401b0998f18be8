package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// role is an IAM role; with a name of its own if one is given.
func role(id, name string) string {
	text := "  " + id + ":\n    Type: AWS::IAM::Role\n    Properties:\n"
	if name != "" {
		text += "      RoleName: " + name + "\n"
	}
	return text + "      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: ec2.amazonaws.com}}]}\n"
}

// planned asks for a nested change set with capabilities, and waits for it.
func (j *journey) planned(template string, given ...types.Capability) (id string, err error) {
	j.t.Helper()
	j.made++
	out, err := j.cfn.CreateChangeSet(j.t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: &j.stack, ChangeSetName: aws.String(fmt.Sprintf("plan-%d", j.made)),
		ChangeSetType: creation, TemplateBody: &template, IncludeNestedStacks: aws.Bool(true), Capabilities: given,
	})
	if err != nil {
		return "", err
	}
	j.waitForChangeSet(*out.Id)
	return *out.Id, nil
}

// capabilities are asked for by a call that has a template with IAM resources, and of nested templates.
func capabilities(j *journey) {
	const iam, named = types.CapabilityCapabilityIam, types.CapabilityCapabilityNamedIam
	unnamed := resources(role("Role", ""))
	_, err := j.planned(unnamed)
	j.refused("none given", err, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
	_, err = j.planned(unnamed, types.CapabilityCapabilityAutoExpand)
	j.refused("another given", err, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
	_, err = j.planned(resources(role("Role", "mine")), iam)
	j.refused(
		"a role with a name", err, "InsufficientCapabilitiesException",
		"Requires capabilities : [CAPABILITY_NAMED_IAM]",
	)
	_, err = j.cfn.CreateStack(
		j.t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("direct"), TemplateBody: &unnamed},
	)
	j.refused("CreateStack", err, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
	j.same("nothing is left of it", j.status("direct"), "gone")

	root := j.root(nested{id: "App", template: unnamed})
	id, err := j.planned(root)
	j.must(err)
	j.same("a nested template, none given", strings.HasPrefix(j.state(id), "FAILED UNAVAILABLE"), true)
	id, err = j.planned(root, named)
	j.must(err)
	j.same("a nested template, given", j.state(id), ready)
	j.execute(id)
	j.wait()
	j.same("status", j.status(j.stack), "CREATE_COMPLETE")
	changed := resources(role("Role", ""), parameter("More", "x"))
	j.within("plain", func() {
		j.deploy(creation, resources(parameter("One", "x")))
		_, err = j.cfn.UpdateStack(
			j.t.Context(), &cloudformation.UpdateStackInput{StackName: &j.stack, TemplateBody: &changed},
		)
	})
	j.refused("UpdateStack", err, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
}

// typeChanged puts another type under a logical id that the stack has.
func typeChanged(j *journey) {
	const refusal = "Update of resource type is not permitted. The new template modifies resource type of the following resources: [One]"
	j.deploy(creation, j.root(nested{id: "Data", template: resources(parameter("One", "x"))}))
	template := resources(topic("One", "one", "x"))
	id := j.plan(update, j.root(nested{id: "Data", template: template}))
	j.same(
		"root's state", j.state(id),
		"FAILED UNAVAILABLE Nested change set {Data} was not successfully created: Currently in FAILED.",
	)
	j.same("nested state", j.state(j.nestedSet(id, "Data")), "FAILED UNAVAILABLE "+refusal)
	j.within("plain", func() {
		j.deploy(creation, resources(parameter("One", "x")))
		j.made++
		_, err := j.cfn.CreateChangeSet(j.t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: &j.stack, ChangeSetName: aws.String("other"), ChangeSetType: update, TemplateBody: &template,
		})
		j.refused("change set", err, "ValidationError", refusal)
		_, err = j.cfn.UpdateStack(
			j.t.Context(), &cloudformation.UpdateStackInput{StackName: &j.stack, TemplateBody: &template},
		)
		j.refused("update", err, "ValidationError", refusal)
		j.same("status", j.status(j.stack), "CREATE_COMPLETE")
		j.deploy(update, resources(parameter("Other", "x")))
		j.deploy(update, resources(topic("One", "one", "x"), parameter("Other", "x")))
		j.same("in two steps", j.status(j.stack), "UPDATE_COMPLETE")
	})
}

// conditional is a template of which Sometimes and the output exist only while the default says so.
func conditional(wanted, policy string) string {
	return "Parameters:\n  Wanted:\n    Type: String\n    Default: '" + wanted + "'" +
		"\nConditions:\n  IsWanted: !Equals [!Ref Wanted, 'yes']\n" +
		resources(
			parameter("Always", "!If [IsWanted, a, b]"),
			parameter("Sometimes", "x", "Condition: IsWanted", "DeletionPolicy: "+policy),
			parameter("After", "x", "DependsOn: Sometimes"),
		) + "Outputs:\n  Out:\n    Condition: IsWanted\n    Value: !Ref Sometimes\n"
}

// conditionTurnsFalse removes a resource by its condition, and adds it again.
func conditionTurnsFalse(j *journey) {
	j.deploy(creation, conditional("yes", "Delete"))
	j.same("output", len(j.find(j.stack).Outputs), 1)
	before := j.events(j.stack)
	id := j.plan(update, conditional("no", "Delete"))
	j.same("changes", summaries(j.describe(id, false).Changes), []string{
		"Modify Always replacement False Properties", "Remove Sometimes policy Delete",
	})
	j.execute(id)
	j.wait()
	j.same("events", of(since(j.events(j.stack), before), "Sometimes"), []string{
		"Sometimes DELETE_IN_PROGRESS", "Sometimes DELETE_COMPLETE",
	})
	j.same("output, gone", len(j.find(j.stack).Outputs), 0)
	j.same("resources", j.resources(j.stack), []string{
		"After AWS::SSM::Parameter CREATE_COMPLETE", "Always AWS::SSM::Parameter UPDATE_COMPLETE",
	})
	before = j.events(j.stack)
	j.deploy(update, conditional("yes", "Retain"))
	j.same("events, added", of(since(j.events(j.stack), before), "Sometimes"), []string{
		"Sometimes CREATE_IN_PROGRESS", "Sometimes CREATE_IN_PROGRESS Resource creation Initiated",
		"Sometimes CREATE_COMPLETE",
	})
	before = j.events(j.stack)
	j.deploy(update, conditional("no", "Retain"))
	j.same(
		"events, retained", of(since(j.events(j.stack), before), "Sometimes"), []string{"Sometimes DELETE_SKIPPED"},
	)
	_, err := j.unresolved()
	j.refused(
		"a reference to what its condition takes away", err, "ValidationError",
		"Template format error: Unresolved resource dependencies [Sometimes] in the Resources block of the template",
	)
}

// unresolved asks for a change set of a template that refers to a resource whose condition is false.
func (j *journey) unresolved() (*cloudformation.CreateChangeSetOutput, error) {
	template := strings.Replace(conditional("no", "Delete"), "Value: !If [IsWanted, a, b]", "Value: !Ref Sometimes", 1)
	return j.cfn.CreateChangeSet(j.t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: &j.stack, ChangeSetName: aws.String("unresolved"), ChangeSetType: update, TemplateBody: &template,
	})
}

// retainExceptOnCreate looks at each operation on a resource of that policy: its creation's own rollback deletes it,
// all others leave it behind (creation and deletion of a stack: creationFails, creationLeaves, deleteSite).
func retainExceptOnCreate(j *journey) {
	kept := func(id string) string { return parameter(id, "x", "DeletionPolicy: RetainExceptOnCreate") }
	first := resources(parameter("One", "x"))
	j.deploy(creation, first)
	before := j.events(j.stack)
	j.account.Fails(j.t, "NeverMade", "creation")
	j.deploy(update, resources(parameter("One", "x"), kept("Made"), parameter("NeverMade", "x", "DependsOn: Made")))
	j.same("status", j.status(j.stack), "UPDATE_ROLLBACK_COMPLETE")
	j.same("an update that created it fails", of(since(j.events(j.stack), before), "Made")[3:], []string{
		"Made DELETE_IN_PROGRESS", "Made DELETE_COMPLETE",
	})
	j.account.StopFailing(j.t)
	j.deploy(update, resources(parameter("One", "x"), kept("Made")))
	before = j.events(j.stack)
	j.account.Fails(j.t, "NeverMade", "creation")
	j.deploy(update, resources(parameter("One", "x"), kept("Made"), parameter("NeverMade", "x")))
	j.same("a later update fails", of(since(j.events(j.stack), before), "Made"), []string{})
	j.account.StopFailing(j.t)
	id := j.plan(update, first)
	j.same("a template without it", summaries(j.describe(id, false).Changes), []string{"Remove Made policy Retain"})
	j.execute(id)
	j.wait()
	j.same("an update removes it", of(since(j.events(j.stack), before), "Made"), []string{"Made DELETE_SKIPPED"})
}

// nameTaken gives a resource a name that another stack's has.
func nameTaken(j *journey) {
	named := func(id string) string { return resources(parameter(id, "x\n      Name: taken")) }
	j.within("other", func() { j.deploy(creation, named("Theirs")) })
	j.deploy(creation, named("Mine"))
	j.same("status", j.status(j.stack), "ROLLBACK_COMPLETE")
	j.same("reason", slices.Contains(j.events(j.stack), "Mine CREATE_FAILED taken already exists in stack <other>"), true)
	j.same("theirs", j.status("other"), "CREATE_COMPLETE")
	j.within("other", func() { j.remove() })
	j.remove()
	j.deploy(creation, named("Mine"))
	j.same("free again", j.status(j.stack), "CREATE_COMPLETE")
	j.within("policies", func() { // unique within their roles
		j.deploy(creation, resources(role("A", ""), role("B", ""), inline("OfA", "A"), inline("OfB", "B")))
		j.same("names within something else", j.status(j.stack), "CREATE_COMPLETE")
	})
}

// inline is a role's own policy, of the same name for every role.
func inline(id, of string) string {
	return "  " + id + ":\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyName: same\n      Roles: [!Ref " + of +
		"]\n      PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]}\n"
}
