package conformance

import (
	"slices"

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

// detect looks for drift in one stack, and gives the detection and its resources as "LogicalId STATUS".
func (j *journey) detect(stack string) (*cloudformation.DescribeStackDriftDetectionStatusOutput, []string) {
	j.t.Helper()
	begun, err := j.cfn.DetectStackDrift(j.t.Context(), &cloudformation.DetectStackDriftInput{StackName: &stack})
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
	drifts, err := j.cfn.DescribeStackResourceDrifts(
		j.t.Context(), &cloudformation.DescribeStackResourceDriftsInput{StackName: &stack},
	)
	j.must(err)
	seen := []string{}
	for _, d := range drifts.StackResourceDrifts {
		seen = append(seen, *d.LogicalResourceId+" "+string(d.StackResourceDriftStatus))
	}
	slices.Sort(seen)
	return out, seen
}

func drift(j *journey) {
	j.deploy(creation, resources(topic("Drifting", "drifting", "x")))
	j.same("before", j.find(j.stack).DriftInformation.StackDriftStatus, types.StackDriftStatusNotChecked)
	out, looked := j.detect(j.stack)
	j.same("detection", out.DetectionStatus, types.StackDriftDetectionStatusDetectionComplete)
	j.same("stack", out.StackDriftStatus, types.StackDriftStatusInSync)
	j.same("resource", looked, []string{"Drifting IN_SYNC"})
	j.same("afterwards", j.find(j.stack).DriftInformation.StackDriftStatus, types.StackDriftStatusInSync)
}

// driftOfTree looks at a root stack, which leaves its nested stacks out, and at each of them.
func driftOfTree(j *journey) {
	j.deploy(creation, j.site("v1", "one"))
	out, looked := j.detect(j.stack)
	j.same("root", []string{string(out.StackDriftStatus), string(out.DetectionStatus)}, []string{"IN_SYNC", "DETECTION_COMPLETE"})
	j.same("root's resources", looked, []string{})
	_, looked = j.detect(j.child("App"))
	j.same("nested", looked, []string{"Uses IN_SYNC", "Version IN_SYNC"})
	_, looked = j.detect(j.child("Data"))
	j.same("its sibling", looked, []string{"Database IN_SYNC"})
}
