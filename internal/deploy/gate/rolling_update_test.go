package gate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/template"
)

func TestRollingUpdate(t *testing.T) {
	template, err := template.Parse("template.yaml", []byte(`
Resources:
  TargetGroup:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {TargetGroupAttributes: [{Key: deregistration_delay.timeout_seconds, Value: "120"}, {Key: other, Value: "9999"}]}
  NodeGroup:
    Type: AWS::AutoScaling::AutoScalingGroup
    UpdatePolicy: {AutoScalingRollingUpdate: {PauseTime: PT30M}}
    Properties: {MinSize: "2", MaxSize: "8"}
  Elsewhere: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {MinSize: "2", MaxSize: "8"}}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"App/NodeGroup: replacing nodes takes at most 32m a node (boot 30m, requests of the old one 2m), one after another: 1h4m for 2 nodes, 4h16m for 8"}
	if diff := cmp.Diff(want, RollingUpdate(Facts{Stacks: []Stack{{Path: address.Path{"App"}, New: template}}})); diff != "" {
		t.Error(diff)
	}
}

func TestDurationsInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 60 * time.Second: "1m", 90 * time.Second: "90s", time.Hour: "1h", 64 * time.Minute: "1h4m", 10 * time.Hour: "10h"} {
		if got := inWords(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
