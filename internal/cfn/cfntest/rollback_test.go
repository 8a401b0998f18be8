package cfntest_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn/cfntest"
)

func TestRollbackThatFailsCancelsNothingThatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.Takes("Version", time.Minute)
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

// keepFailure updates App so that one of its resources changes and another fails, and leaves it so.
func (s *site) keepFailure() {
	s.t.Helper()
	s.deploy("first")
	s.edit("App", "Value: v1", "Value: v2")
	s.edit("App", "db=", "database=")
	s.account.Takes("Version", time.Second)
	s.account.Fails("Settings", cfntest.Updating, "no")
	id := s.plan("second")
	if _, err := s.client.ExecuteChangeSet(s.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &id, DisableRollback: aws.Bool(true)}); err != nil {
		s.t.Fatal(err)
	}
	s.wait()
	s.wantStatus("", "UPDATE_FAILED")
	s.wantStatus("App", "UPDATE_FAILED")
	s.wantVersion("v2")
}

func (s *site) wantVersion(want string) {
	s.t.Helper()
	if got := s.account.Stack("site", "App").Resources["Version"].Properties["Value"]; got != want {
		s.t.Errorf("Version is %v, want %s", got, want)
	}
}

func TestUpdateOfAKeptFailureGoesBackToWhatStoodFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.keepFailure()
		s.edit("App", "Value: v2", "Value: v3")
		s.deploy("third")
		s.wantStatus("", "UPDATE_ROLLBACK_COMPLETE")
		s.wantVersion("v1")
	})
}

func TestKeptFailureOfATreeGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.keepFailure()
		if _, err := s.client.RollbackStack(t.Context(), &cloudformation.RollbackStackInput{StackName: &s.name}); err != nil {
			t.Fatal(err)
		}
		s.wait()
		s.wantStatus("", "UPDATE_ROLLBACK_COMPLETE")
		s.wantStatus("App", "UPDATE_ROLLBACK_COMPLETE")
		s.wantVersion("v1")
	})
}

func TestCleanupGoesOnAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.edit("App", "  Settings:", "  Settings:\n    DependsOn: Version")
		s.deploy("first")
		s.account.Fails("Settings", cfntest.Deleting, "in use")
		s.edit("App", "  Settings:\n    DependsOn: Version", "  Other:")
		s.edit("App", "!Ref Settings", "!Ref Other")
		s.edit("App", "  Version:", "  Edition:\n    DependsOn: Other")
		s.deploy("second")
		s.wantStatus("App", "UPDATE_COMPLETE")
		if got := s.history("App"); !slices.ContainsFunc(got, func(line string) bool { return strings.HasPrefix(line, "Version DELETE_COMPLETE") }) {
			t.Errorf("Version was not deleted: %q", got)
		}
	})
}
