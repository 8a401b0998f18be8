package gate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/template"
)

func TestQuietHours(t *testing.T) {
	template, err := template.Parse("template.yaml", []byte(`
Resources:
  NodeGroup:
    Type: AWS::AutoScaling::AutoScalingGroup
    UpdatePolicy: {AutoScalingRollingUpdate: {MinInstancesInService: 2}}
    Properties: {MinSize: "2", MaxSize: "8"}
  Night: {Type: AWS::AutoScaling::ScheduledAction, Properties: {AutoScalingGroupName: !Ref NodeGroup, MinSize: 0, MaxSize: 0}}
  Evening: {Type: AWS::AutoScaling::ScheduledAction, Properties: {AutoScalingGroupName: !Ref NodeGroup, MinSize: 1, MaxSize: 2}}
  Morning: {Type: AWS::AutoScaling::ScheduledAction, Properties: {AutoScalingGroupName: !Ref NodeGroup, MinSize: 2, MaxSize: 3}}
  Elsewhere: {Type: AWS::AutoScaling::ScheduledAction, Properties: {AutoScalingGroupName: other, MinSize: 0, MaxSize: 0}}
`))
	if err != nil {
		t.Fatal(err)
	}
	const advice = " in service: do not deploy this until the next planned size applies: it would fail and be rolled back"
	want := []string{
		"from App/Evening on at most 2 nodes run, and replacing nodes keeps 2" + advice,
		"from App/Night on at most 0 nodes run, and replacing nodes keeps 2" + advice,
	}
	if diff := cmp.Diff(want, QuietHours(Facts{Stacks: []Stack{{Path: address.Path{"App"}, New: template}}})); diff != "" {
		t.Error(diff)
	}
}
