package cfntest_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/cfntest"
)

// wantHistory compares the last events of a stack.
func (s *site) wantHistory(path string, want ...string) {
	s.t.Helper()
	got := s.history(path)
	got = got[max(0, len(got)-len(want)):]
	for i := range got {
		got[i] = s.tidy(got[i])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("events of %q (-want +got):\n%s", path, diff)
	}
}

// tidy takes ids and made-up names out of a text.
func (s *site) tidy(text string) string {
	for _, stack := range s.account.Stacks() {
		if stack.Path != "" {
			text = strings.ReplaceAll(text, stack.ID, "<"+stack.Path+">")
			text = strings.ReplaceAll(text, stack.Name, stack.Path)
		}
	}
	return text
}

func (s *site) wantStatus(path, want string) {
	s.t.Helper()
	if got := s.account.Stack(s.name, path).Status; got != want {
		s.t.Errorf("stack %q is %s, want %s", path, got, want)
	}
}

func TestCreateAndUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.wantHistory("", "site REVIEW_IN_PROGRESS User Initiated", "site CREATE_IN_PROGRESS User Initiated",
			"Network CREATE_IN_PROGRESS", "Network CREATE_IN_PROGRESS Resource creation Initiated", "Network CREATE_COMPLETE",
			"Data CREATE_IN_PROGRESS", "Data CREATE_IN_PROGRESS Resource creation Initiated", "Data CREATE_COMPLETE",
			"App CREATE_IN_PROGRESS", "App CREATE_IN_PROGRESS Resource creation Initiated", "App CREATE_COMPLETE",
			"site CREATE_COMPLETE")
		s.edit("Data", "BackupRetentionPeriod: 7", "BackupRetentionPeriod: 14")
		s.deploy("second")
		s.wantHistory("Data", "Data UPDATE_IN_PROGRESS", "Database UPDATE_IN_PROGRESS", "Database UPDATE_COMPLETE",
			"Data UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Data UPDATE_COMPLETE")
		s.wantStatus("Network", "CREATE_COMPLETE")
		s.wantStatus("", "UPDATE_COMPLETE")
	})
}

func TestFailedCreationIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.Fails("Database", cfntest.Creating, "Cannot find version 9.9 for aurora-postgresql")
		s.deploy("first")
		s.wantStatus("", "ROLLBACK_COMPLETE")
		s.wantHistory("", "Data CREATE_FAILED Embedded stack <Data> was not successfully created: The following resource(s) failed to create: [Database, FileSystem].",
			"site ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Data]. Rollback requested by user.",
			"Data DELETE_IN_PROGRESS", "Data DELETE_COMPLETE", "Network DELETE_IN_PROGRESS", "Network DELETE_COMPLETE", "site ROLLBACK_COMPLETE")
		s.wantHistory("Data", "Database CREATE_FAILED Cannot find version 9.9 for aurora-postgresql", "FileSystem CREATE_FAILED Resource creation cancelled",
			"Data ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Database, FileSystem]. Rollback requested by user.",
			"Database DELETE_IN_PROGRESS", "FileSystem DELETE_IN_PROGRESS", "Database DELETE_COMPLETE", "FileSystem DELETE_COMPLETE",
			"Data ROLLBACK_COMPLETE", "Data DELETE_IN_PROGRESS", "Data DELETE_COMPLETE")
	})
}

func TestFailedUpdateIsSentBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.edit("Data", "BackupRetentionPeriod: 7", "BackupRetentionPeriod: 14")
		s.edit("App", "v1", "v2")
		s.account.Fails("Version", cfntest.Updating, "no")
		s.deploy("second")
		s.wantHistory("", "App UPDATE_FAILED Embedded stack <App> was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to update: [Version].",
			"site UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [App].",
			"Network UPDATE_IN_PROGRESS", "Network UPDATE_COMPLETE", "Data UPDATE_IN_PROGRESS", "Data UPDATE_COMPLETE",
			"App UPDATE_IN_PROGRESS", "App UPDATE_COMPLETE", "site UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "site UPDATE_ROLLBACK_COMPLETE")
		s.wantHistory("Data", "Data UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Data UPDATE_ROLLBACK_IN_PROGRESS",
			"Database UPDATE_IN_PROGRESS", "Database UPDATE_COMPLETE", "Data UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "Data UPDATE_ROLLBACK_COMPLETE")
		s.wantStatus("App", "UPDATE_ROLLBACK_COMPLETE")
		if got := s.account.Stack(s.name, "Data").Resources["Database"].Properties["BackupRetentionPeriod"]; got != 7 {
			t.Errorf("BackupRetentionPeriod is %v after the rollback", got)
		}
	})
}

func TestContinueRollbackSkipsNested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.edit("Data", "BackupRetentionPeriod: 7", "BackupRetentionPeriod: 14")
		s.edit("App", "v1", "v2")
		s.account.Fails("Version", cfntest.Updating, "no")
		s.account.Fails("Database", cfntest.RollingBack, "gone")
		s.deploy("second")
		s.wantStatus("", "UPDATE_ROLLBACK_FAILED")
		s.wantStatus("Data", "UPDATE_ROLLBACK_FAILED")
		proceed := func(skip ...string) error {
			_, err := s.client.ContinueUpdateRollback(t.Context(), &cloudformation.ContinueUpdateRollbackInput{StackName: &s.name, ResourcesToSkip: skip})
			s.wait()
			return err
		}
		if err := proceed("Database"); err == nil {
			t.Error("the root has no Database, yet it was skipped")
		}
		if err := proceed(); err != nil {
			t.Error(err)
		}
		s.wantStatus("", "UPDATE_ROLLBACK_FAILED")
		if err := proceed(s.account.Stack(s.name, "Data").Name + ".Database"); err != nil {
			t.Error(err)
		}
		for _, path := range []string{"", "Data", "App"} {
			s.wantStatus(path, "UPDATE_ROLLBACK_COMPLETE")
		}
	})
}

func TestDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		id := s.account.Stack(s.name).ID
		if _, err := s.client.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &s.name}); err != nil {
			t.Fatal(err)
		}
		s.wait()
		s.wantStatus("", "DELETE_COMPLETE")
		s.wantHistory("Data", "Data DELETE_IN_PROGRESS", "Database DELETE_IN_PROGRESS", "MountTarget DELETE_IN_PROGRESS", "Database DELETE_COMPLETE",
			"MountTarget DELETE_COMPLETE", "FileSystem DELETE_SKIPPED", "Data DELETE_COMPLETE")
		if _, err := s.client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &id}); err != nil {
			t.Errorf("by its id: %v", err)
		}
		_, err := s.client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &s.name})
		if err == nil || !strings.Contains(err.Error(), "Stack with id site does not exist") {
			t.Errorf("by its name: %v", err)
		}
	})
}

func TestThrottledCallsAreTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.Inject(cfntest.Fault{Action: "DescribeStacks", Times: 2, Effect: cfntest.Throttled})
		began := time.Now()
		_, err := s.client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("site")})
		if err == nil || !strings.Contains(err.Error(), "does not exist") {
			t.Fatal(err)
		}
		calls := s.account.Calls("DescribeStacks")
		if len(calls) != 3 || calls[0].Error != "Throttling" || calls[2].Error != "ValidationError" {
			t.Errorf("%+v", calls)
		}
		t.Log(time.Since(began))
	})
}

func TestExportInUseWithinTheTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.edit("Network", "CidrBlock: 10.0.0.0/24", "CidrBlock: 10.0.1.0/24")
		s.deploy("second")
		s.wantStatus("", "UPDATE_ROLLBACK_COMPLETE")
		got := s.history("Network")
		for i := range got {
			got[i] = s.tidy(got[i])
		}
		if want := "Network UPDATE_ROLLBACK_IN_PROGRESS Export site-network-SubnetId cannot be updated as it is in use by Data"; !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
		if slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, "UPDATE_FAILED") }) {
			t.Errorf("a resource failed: %q", got)
		}
	})
}
