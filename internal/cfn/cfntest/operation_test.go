package cfntest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/cfntest"
)

func (s *site) delete(retain ...string) {
	s.t.Helper()
	if _, err := s.client.DeleteStack(s.t.Context(), &cloudformation.DeleteStackInput{StackName: &s.name, RetainResources: retain}); err != nil {
		s.t.Fatal(err)
	}
}

func TestHalfAnHourTakesNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.Takes("Database", 30*time.Minute)
		began := time.Now()
		s.deploy("first")
		if took := time.Since(began); took < 30*time.Minute || took > 40*time.Minute {
			t.Errorf("the deployment took %v", took)
		}
	})
}

func TestDeletionDuringCreation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.Hangs("Database")
		s.start(s.plan("first"))
		time.Sleep(time.Minute)
		s.delete()
		s.wait()
		s.wantHistory("", "Data CREATE_FAILED Resource creation cancelled", "site DELETE_IN_PROGRESS User Initiated",
			"Data DELETE_IN_PROGRESS", "Data DELETE_COMPLETE", "Network DELETE_IN_PROGRESS", "Network DELETE_COMPLETE", "site DELETE_COMPLETE")
		if got := s.history("Data"); !strings.Contains(strings.Join(got, "\n"), "Database CREATE_FAILED Resource creation cancelled") {
			t.Errorf("Data: %q", got)
		}
	})
}

func TestReleasedResource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.Hangs("Data/Database")
		s.start(s.plan("first"))
		time.Sleep(24 * time.Hour)
		s.wantStatus("", "CREATE_IN_PROGRESS")
		s.account.Release("Data/Database")
		s.wait()
		s.wantStatus("", "CREATE_COMPLETE")
	})
}

func TestDeletionThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.account.Fails("AWS::EC2::Subnet", cfntest.Deleting, "has dependencies and cannot be deleted")
		s.delete()
		s.wait()
		s.wantHistory("", "Network DELETE_FAILED Embedded stack <Network> was not successfully deleted: The following resource(s) failed to delete: [Subnet].",
			"site DELETE_FAILED The following resource(s) failed to delete: [Network].")
		s.delete("Network")
		s.wait()
		s.wantStatus("", "DELETE_COMPLETE")
		s.wantStatus("Network", "DELETE_FAILED")
	})
}

func TestWhatADeletionTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.delete()
		s.wait()
		got := map[string]bool{}
		for _, gone := range s.account.Gone() {
			got[gone.Path] = gone.Snapshot
		}
		want := map[string]bool{
			"App": false, "App/Settings": false, "App/Version": false, "Data": false, "Data/Database": true, "Data/MountTarget": false,
			"Network": false, "Network/Subnet": false, "Network/Vpc": false,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCleanupThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.account.Fails("Version", cfntest.Deleting, "in use")
		s.edit("App", "Value: v1}", "Value: v1, Name: other}")
		s.deploy("second")
		s.wantStatus("", "UPDATE_COMPLETE")
		s.wantHistory("App", "Version DELETE_IN_PROGRESS", "Version DELETE_FAILED in use",
			"App UPDATE_COMPLETE Update successful. One or more resources could not be deleted.")
	})
}

func TestCustomNamedReplacement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		group := func(path string) string {
			return "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties: {RoleName: named, Path: " + path + ", AssumeRolePolicyDocument: {}}\n"
		}
		s.children = map[string]string{"App": group("/a/")}
		s.after = nil
		_, err := s.client.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: &s.name, ChangeSetName: aws.String("refused"), ChangeSetType: creates, TemplateBody: aws.String(group("/a/")),
		})
		if err == nil || !strings.Contains(err.Error(), "InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_NAMED_IAM]") {
			t.Errorf("got %v", err)
		}
		r := &replay{s, nil}
		r.execute(*r.change(creates, "one", group("/a/"), "CAPABILITY_NAMED_IAM").Id)
		r.execute(*r.change(updates, "two", group("/b/"), "CAPABILITY_NAMED_IAM").Id)
		s.wantStatus("", "UPDATE_ROLLBACK_COMPLETE")
		found := false
		for _, line := range s.history("") {
			found = found || strings.Contains(line, "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename named")
		}
		if !found {
			t.Errorf("%q", s.history(""))
		}
	})
}

func TestFailureKeptInATree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.Fails("Version", cfntest.Creating, "no")
		id := s.plan("first")
		if _, err := s.client.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &id, DisableRollback: aws.Bool(true)}); err != nil {
			t.Fatal(err)
		}
		s.wait()
		for path, want := range map[string]string{"": "CREATE_FAILED", "App": "CREATE_FAILED", "Data": "CREATE_COMPLETE"} {
			s.wantStatus(path, want)
		}
		if _, err := s.client.RollbackStack(t.Context(), &cloudformation.RollbackStackInput{StackName: &s.name}); err != nil {
			t.Fatal(err)
		}
		s.wait()
		s.wantStatus("", "ROLLBACK_COMPLETE")
		s.wantStatus("App", "DELETE_COMPLETE")
	})
}

func TestDeletionTokenIsOfOneDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		remove := func() {
			if _, err := s.client.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &s.name, ClientRequestToken: aws.String("once")}); err != nil {
				t.Fatal(err)
			}
		}
		remove()
		s.wait()
		s.wantStatus("", "DELETE_COMPLETE")
		s.deploy("again")
		remove() // a late second try of the first deletion
		s.wait()
		s.wantStatus("", "CREATE_COMPLETE")
	})
}
