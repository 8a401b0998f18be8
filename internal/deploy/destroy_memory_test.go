package deploy_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

// Somebody imports an export of the site in the moment before it is deleted.
func TestDestroyNeverSaysThatASiteIsGoneWhichStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		out := localawstest.Small("used").Write(t, t.TempDir())
		if err := (&run{t: t, out: out, options: a.LoadOptions()}).up(); err != nil {
			t.Fatal(err)
		}
		a.Before("DeleteStack", 0, func() {
			colleague := cloudformation.NewFromConfig(a.ConfigOf("colleague"))
			_, err := colleague.CreateStack(t.Context(), &cloudformation.CreateStackInput{
				StackName: aws.String("guest"), TemplateBody: aws.String(localawstest.Parameter("Borrowed", "!ImportValue used-network-VpcId")),
			})
			if err != nil {
				t.Fatal(err)
			}
		})
		destroy := &run{t: t, out: out, options: a.LoadOptions()}
		wantCode(t, destroy.destroy(), outcome.NeedsRecovery, "used is DELETE_FAILED", "used-network-VpcId as it is in use by guest")
		if strings.Contains(destroy.stderr.String(), "is destroyed") {
			t.Errorf("says that it is gone:\n%s", destroy.stderr.String())
		}
		if got := a.Stack("used").Status; got == "DELETE_COMPLETE" {
			t.Errorf("the stack is %s", got)
		}
	})
}
