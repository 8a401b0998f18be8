package cfntest_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn/cfntest"
)

func TestRollbackThatFailsCancelsNothingThatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.edit("App", "Value: v1", "Value: v2")
		s.edit("App", "db=", "database=")
		s.edit("App", "\nOutputs", "\n  Refused:\n    Type: AWS::SSM::Parameter\n    DependsOn: [Version, Settings]\n    Properties: {Type: String, Value: x}\nOutputs")
		s.account.Fails("Refused", cfntest.Creating, "no")
		s.account.Fails("Settings", cfntest.RollingBack, "gone")
		s.deploy("second")
		s.wantStatus("App", "UPDATE_ROLLBACK_FAILED")
		if got := s.account.Stack("site", "App").Resources["Version"].Status; got != "UPDATE_COMPLETE" {
			t.Errorf("Version is %s", got)
		}
	})
}

func TestImporterThatMayBeTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.edit("Network", "10.0.0.0/24", "10.0.1.0/24")
		s.edit("Data", "SubnetId: !ImportValue site-network-SubnetId, ", "SubnetId: subnet-0, ")
		s.after = map[string]string{"Network": "Data", "App": "Data"} // Data lets go of the import before Network changes it
		s.deploy("second")
		s.wantStatus("", "UPDATE_ROLLBACK_COMPLETE")
	})
}

func TestUpdateOfAKeptFailureGoesBackToWhatStoodFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.edit("App", "Value: v1", "Value: v2")
		s.edit("App", "db=", "database=")
		s.account.Fails("Settings", cfntest.Updating, "no")
		id := s.plan("second")
		if _, err := s.client.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &id, DisableRollback: aws.Bool(true)}); err != nil {
			t.Fatal(err)
		}
		s.wait()
		s.wantStatus("", "UPDATE_FAILED")
		s.edit("App", "Value: v2", "Value: v3")
		s.deploy("third")
		s.wantStatus("", "UPDATE_ROLLBACK_COMPLETE")
		if got := s.account.Stack("site", "App").Resources["Version"].Properties["Value"]; got != "v1" {
			t.Errorf("Version is %v, want what stood before the first of the two updates", got)
		}
	})
}

func TestCleanupGoesOnAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.account.Fails("Settings", cfntest.Deleting, "in use")
		s.edit("App", "  Settings:", "  Other:")
		s.edit("App", "!Ref Settings", "!Ref Other")
		s.edit("App", "  Version:", "  Edition:\n    DependsOn: Other")
		s.deploy("second")
		s.wantStatus("App", "UPDATE_COMPLETE")
		if got := s.history("App"); !slices.ContainsFunc(got, func(line string) bool { return strings.HasPrefix(line, "Version DELETE_COMPLETE") }) {
			t.Errorf("Version was not deleted: %q", got)
		}
	})
}
