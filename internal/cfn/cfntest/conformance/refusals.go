package conformance

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func protection(j *journey) {
	j.deploy(creation, j.site("v1", "one"))
	protect := func(on bool) {
		_, err := j.cfn.UpdateTerminationProtection(
			j.t.Context(),
			&cloudformation.UpdateTerminationProtectionInput{StackName: &j.stack, EnableTerminationProtection: &on},
		)
		j.must(err)
	}
	protect(true)
	j.same("described", aws.ToBool(j.find(j.stack).EnableTerminationProtection), true)
	_, err := j.cfn.DeleteStack(j.t.Context(), &cloudformation.DeleteStackInput{StackName: &j.stack})
	j.refused(
		"deletion", err, "ValidationError", "Stack [site] cannot be deleted while TerminationProtection is enabled",
	)
	protect(false)
	j.remove()
	j.same("deleted", j.status(j.stack), "gone")
}

func notThere(j *journey) {
	ctx, name := j.t.Context(), aws.String("nobody")
	_, err := j.cfn.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: name})
	j.refused("stack", err, "ValidationError", "Stack with id nobody does not exist")
	_, err = j.cfn.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: name})
	j.refused("events", err, "ValidationError", "Stack [nobody] does not exist")
	_, err = j.cfn.DescribeChangeSet(
		ctx, &cloudformation.DescribeChangeSetInput{StackName: name, ChangeSetName: aws.String("none")},
	)
	j.refused("change set", err, "ValidationError", "Stack [nobody] does not exist")
	_, err = j.cfn.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{ChangeSetName: aws.String("none")})
	j.refused(
		"change set without a stack", err, "ValidationError",
		"StackName must be specified if ChangeSetName is not specified as an ARN.",
	)
	_, err = j.cfn.DescribeStackResource(
		ctx, &cloudformation.DescribeStackResourceInput{StackName: name, LogicalResourceId: name},
	)
	j.refused("resource", err, "ValidationError", "Stack 'nobody' does not exist")
	_, err = j.cfn.ListStackResources(ctx, &cloudformation.ListStackResourcesInput{StackName: name})
	j.refused("resources", err, "ValidationError", "Stack with id nobody does not exist")
	_, err = j.cfn.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: name})
	j.refused("template", err, "ValidationError", "Stack with id nobody does not exist")
	_, err = j.cfn.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: name})
	j.refused("update to cancel", err, "ValidationError", "Stack [nobody] does not exist")
	_, err = j.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: name})
	j.same("deletion of nothing", err, error(nil))
	_, err = j.cfn.CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
		StackName: name, ChangeSetName: aws.String("none"), ChangeSetType: types.ChangeSetTypeUpdate,
		TemplateBody: aws.String(resources(parameter("One", "x"))),
	})
	j.refused("update of nothing", err, "ValidationError", "Stack [nobody] does not exist")
}

func drift(j *journey) {
	j.deploy(creation, resources(topic("Drifting", "drifting", "x")))
	j.same("before", j.find(j.stack).DriftInformation.StackDriftStatus, types.StackDriftStatusNotChecked)
	begun, err := j.cfn.DetectStackDrift(j.t.Context(), &cloudformation.DetectStackDriftInput{StackName: &j.stack})
	j.must(err)
	var out *cloudformation.DescribeStackDriftDetectionStatusOutput
	for {
		out, err = j.cfn.DescribeStackDriftDetectionStatus(
			j.t.Context(),
			&cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: begun.StackDriftDetectionId},
		)
		j.must(err)
		if out.DetectionStatus != types.StackDriftDetectionStatusDetectionInProgress {
			break
		}
		j.pause()
	}
	j.same("detection", out.DetectionStatus, types.StackDriftDetectionStatusDetectionComplete)
	j.same("stack", out.StackDriftStatus, types.StackDriftStatusInSync)
	drifts, err := j.cfn.DescribeStackResourceDrifts(
		j.t.Context(), &cloudformation.DescribeStackResourceDriftsInput{StackName: &j.stack},
	)
	j.must(err)
	j.same(
		"resource",
		len(drifts.StackResourceDrifts) == 1 &&
			drifts.StackResourceDrifts[0].StackResourceDriftStatus == types.StackResourceDriftStatusInSync,
		true,
	)
	j.same("afterwards", j.find(j.stack).DriftInformation.StackDriftStatus, types.StackDriftStatusInSync)
}
