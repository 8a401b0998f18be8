package cfntest_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

func TestDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.account.Drifts("site", "Data/Database", "BackupRetentionPeriod", 1)
		s.account.Drifts("site", "Data/FileSystem", "LifecyclePolicies.0.TransitionToIA", "AFTER_7_DAYS")
		s.account.Vanishes("site", "Data/MountTarget")
		child := s.account.Stack("site", "Data").ID
		begun, err := s.client.DetectStackDrift(t.Context(), &cloudformation.DetectStackDriftInput{StackName: &child})
		if err != nil {
			t.Fatal(err)
		}
		detection := func() *cloudformation.DescribeStackDriftDetectionStatusOutput {
			out, err := s.client.DescribeStackDriftDetectionStatus(t.Context(), &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: begun.StackDriftDetectionId})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if got := detection().DetectionStatus; got != types.StackDriftDetectionStatusDetectionInProgress {
			t.Errorf("at once: %s", got)
		}
		time.Sleep(time.Minute)
		if got := detection(); got.StackDriftStatus != types.StackDriftStatusDrifted || *got.DriftedStackResourceCount != 3 {
			t.Errorf("later: %s %s, %d resources", got.DetectionStatus, got.StackDriftStatus, aws.ToInt32(got.DriftedStackResourceCount))
		}
		out, err := s.client.DescribeStackResourceDrifts(t.Context(), &cloudformation.DescribeStackResourceDriftsInput{StackName: &child})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, d := range out.StackResourceDrifts {
			text := string(d.StackResourceDriftStatus)
			for _, p := range d.PropertyDifferences {
				text += fmt.Sprintf(" %s %s %s to %s", p.DifferenceType, *p.PropertyPath, *p.ExpectedValue, *p.ActualValue)
			}
			got[*d.LogicalResourceId] = text
		}
		want := map[string]string{
			"Database":    "MODIFIED NOT_EQUAL /BackupRetentionPeriod 7 to 1",
			"FileSystem":  "MODIFIED ADD /LifecyclePolicies/0/TransitionToIA null to AFTER_7_DAYS",
			"MountTarget": "DELETED",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
