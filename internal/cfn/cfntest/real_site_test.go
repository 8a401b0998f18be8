package cfntest_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/manifest"
)

// TestGeneratedSites creates the project's own sites as they are generated, then finds nothing to change in them.
func TestGeneratedSites(t *testing.T) {
	folders, err := filepath.Glob("../../../out/*/" + manifest.FileName)
	if err != nil || len(folders) == 0 {
		t.Fatalf("no generated site: %v", err)
	}
	for _, folder := range folders {
		folder = filepath.Dir(folder)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				site, err := manifest.Read(os.DirFS(folder))
				if err != nil {
					t.Skipf("%s is being generated: %v", folder, err)
				}
				s := newSite(t, cfntest.Region(site.Region))
				s.name = site.Site
				for _, child := range site.Stacks {
					s.account.PutObject(site.BucketName(s.account.ID), manifest.TemplateKey(child.Template.SHA256), site.Content[child.Template.Path])
				}
				plan := func(kind types.ChangeSetType, name string) *cloudformation.DescribeChangeSetOutput {
					out, err := s.client.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
						StackName: &s.name, ChangeSetName: &name, ChangeSetType: kind, IncludeNestedStacks: aws.Bool(true),
						TemplateBody: aws.String(string(site.Content[site.Root.Path])), Capabilities: []types.Capability{types.CapabilityCapabilityIam},
					})
					if err != nil {
						t.Fatal(err)
					}
					s.waitForChangeSet()
					return s.describe(*out.Id, false)
				}
				s.execute(*plan(creates, "first").ChangeSetId)
				s.wantStatus("", "CREATE_COMPLETE")
				if t.Failed() {
					t.Logf("%q", s.history(""))
				}
				if again := plan(updates, "second"); again.Status != types.ChangeSetStatusFailed || len(again.Changes) > 0 {
					t.Errorf("the same again: %s, %d changes", again.Status, len(again.Changes))
				}
			})
		})
	}
}
