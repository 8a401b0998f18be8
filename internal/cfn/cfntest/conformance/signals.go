package conformance

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// fleet is a group of nodes that CloudFormation waits for.
const fleet = `Resources:
  Node:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData: {InstanceType: t4g.small}
  Fleet:
    Type: AWS::AutoScaling::AutoScalingGroup
    CreationPolicy:
      ResourceSignal: {Count: 2, Timeout: PT10M}
    Properties:
      MinSize: "2"
      MaxSize: "2"
      LaunchTemplate: {LaunchTemplateId: !Ref Node, Version: "1"}
`

// begun plans and executes a creation, and waits until its nodes are awaited.
func (j *journey) begun() {
	j.t.Helper()
	j.account.SilentNodes(j.t)
	j.execute(j.plan(creation, fleet))
	for !slices.Contains(j.events(j.stack), "Fleet CREATE_IN_PROGRESS Resource creation Initiated") {
		j.pause()
	}
}

// signal sends one, as cfn-signal on a node does; what is not awaited yet is sent again.
func (j *journey) signal(node string, status types.ResourceSignalStatus) {
	j.t.Helper()
	for {
		_, err := j.cfn.SignalResource(j.t.Context(), &cloudformation.SignalResourceInput{
			StackName: &j.stack, LogicalResourceId: aws.String("Fleet"), UniqueId: &node, Status: status,
		})
		if err == nil {
			return
		}
		if s := j.status(j.stack); s != "CREATE_IN_PROGRESS" {
			j.t.Fatalf("%s: %v", s, err)
		}
		j.pause()
	}
}

func signals(j *journey) {
	j.begun()
	j.signal("i-1", types.ResourceSignalStatusSuccess)
	j.account.Passes(j.t, 9*time.Minute)
	j.same("one is not enough", j.status(j.stack), "CREATE_IN_PROGRESS")
	j.signal("i-2", types.ResourceSignalStatusSuccess)
	j.wait()
	j.same("status", j.status(j.stack), "CREATE_COMPLETE")
	j.same("events", of(j.events(j.stack), "Fleet"), []string{
		"Fleet CREATE_IN_PROGRESS", "Fleet CREATE_IN_PROGRESS Resource creation Initiated",
		"Fleet CREATE_IN_PROGRESS Received SUCCESS signal with UniqueId i-1",
		"Fleet CREATE_IN_PROGRESS Received SUCCESS signal with UniqueId i-2",
		"Fleet CREATE_COMPLETE",
	})
	_, err := j.cfn.SignalResource(j.t.Context(), &cloudformation.SignalResourceInput{
		StackName: &j.stack, LogicalResourceId: aws.String("Fleet"), UniqueId: aws.String("i-3"),
		Status: types.ResourceSignalStatusSuccess,
	})
	j.refused(
		"too late", err, "ValidationError", "Stack <site> is in CREATE_COMPLETE state and cannot be signaled",
	)
}

func signalsMissing(j *journey) {
	j.begun()
	j.signal("i-1", types.ResourceSignalStatusSuccess)
	j.account.Passes(j.t, 10*time.Minute+time.Second)
	j.wait()
	j.same("status", j.status(j.stack), "ROLLBACK_COMPLETE")
	j.same("reason", slices.Contains(
		j.events(j.stack),
		"Fleet CREATE_FAILED Failed to receive 1 resource signal(s) within the specified duration",
	), true)
}

func signalOfFailure(j *journey) {
	j.begun()
	j.signal("i-1", types.ResourceSignalStatusFailure)
	j.signal("i-2", types.ResourceSignalStatusSuccess)
	j.wait()
	j.same("status", j.status(j.stack), "ROLLBACK_COMPLETE")
	j.same("reason", slices.Contains(
		j.events(j.stack),
		"Fleet CREATE_FAILED Received 1 FAILURE signal(s) out of 2.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
	), true)
}
