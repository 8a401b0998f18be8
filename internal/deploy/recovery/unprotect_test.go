package recovery_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol/types"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/recovery"
)

// control is Cloud Control that needs a few looks for an update, and then ends it one way.
type control struct {
	sent  *cloudcontrol.UpdateResourceInput
	looks int
	end   types.OperationStatus
}

func (c *control) progress() *types.ProgressEvent {
	status := c.end
	if c.looks--; c.looks >= 0 {
		status = types.OperationStatusInProgress
	}
	return &types.ProgressEvent{RequestToken: aws.String("token"), OperationStatus: status, StatusMessage: aws.String("said AWS")}
}

func (c *control) UpdateResource(_ context.Context, in *cloudcontrol.UpdateResourceInput, _ ...func(*cloudcontrol.Options)) (*cloudcontrol.UpdateResourceOutput, error) {
	c.sent = in
	return &cloudcontrol.UpdateResourceOutput{ProgressEvent: c.progress()}, nil
}

func (c *control) GetResourceRequestStatus(context.Context, *cloudcontrol.GetResourceRequestStatusInput, ...func(*cloudcontrol.Options)) (*cloudcontrol.GetResourceRequestStatusOutput, error) {
	return &cloudcontrol.GetResourceRequestStatusOutput{ProgressEvent: c.progress()}, nil
}

func TestLiftWaitsUntilTheProtectionIsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for kind, patch := range map[string]string{
			"AWS::RDS::DBCluster": `"/DeletionProtection","value":false`, "AWS::ElasticLoadBalancingV2::LoadBalancer": `"deletion_protection.enabled","Value":"false"`,
		} {
			c := &control{looks: 3, end: types.OperationStatusSuccess}
			if err := (recovery.Unprotector{API: c}).Unprotect(t.Context(), recovery.Protection{Type: kind, Identifier: "id"}); err != nil || c.looks > 0 {
				t.Errorf("%v, %d looks left", err, c.looks)
			}
			if *c.sent.Identifier != "id" || *c.sent.TypeName != kind || !strings.Contains(*c.sent.PatchDocument, patch) {
				t.Errorf("sent %s", *c.sent.PatchDocument)
			}
		}
		c := &control{looks: 1, end: types.OperationStatusFailed}
		if err := (recovery.Unprotector{API: c}).Unprotect(t.Context(), recovery.Protection{}); err == nil || !strings.Contains(err.Error(), "said AWS") {
			t.Error(err)
		}
	})
}

// A whole stack may be skipped only when somebody has deleted it beside its parent.
func TestANestedStackIsSkippedOnlyWhenItIsGone(t *testing.T) {
	for gone, want := range map[bool]string{true: "Data", false: ""} {
		s := recovery.State{Stacks: []recovery.Stack{
			{Stack: cfn.Stack{Status: "UPDATE_ROLLBACK_FAILED"}, RollbackEvents: []events.Event{{LogicalID: "Data", StackID: "arn:root", PhysicalID: "arn:data", Type: "AWS::CloudFormation::Stack", Status: "UPDATE_FAILED"}}},
			{Path: []string{"Data"}, Gone: gone},
		}}
		way, err := recovery.Choose(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, stuck := range way.BlockedBy {
			names = append(names, stuck.ResourceToSkip)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("gone %v: %q", gone, got)
		}
	}
}

// What is left behind keeps its protection.
func TestWhatIsLeftBehindStaysProtected(t *testing.T) {
	s := recovery.State{Stacks: []recovery.Stack{{
		Stack:     cfn.Stack{Status: "DELETE_FAILED"},
		Resources: []cfn.Resource{{LogicalID: "Database", PhysicalID: "db", Type: "AWS::RDS::DBCluster", Status: "DELETE_FAILED"}},
		Template:  parse(t, "Resources: {Database: {Type: AWS::RDS::DBCluster, Properties: {DeletionProtection: true}}}"),
	}}}
	for _, skip := range [][]string{nil, {"Database"}} {
		way, err := recovery.Choose(s, skip)
		if err != nil || len(way.Unprotect)+len(skip) != 1 {
			t.Errorf("skip %v: %+v, %v", skip, way, err)
		}
	}
}

func parse(t *testing.T, text string) *template.Template {
	t.Helper()
	parsed, err := template.Parse("template.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
