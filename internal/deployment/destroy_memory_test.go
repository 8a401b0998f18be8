package deployment_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/localaws"
	"distributed-moodle/internal/outcome"
)

// A deletion that CloudFormation takes back ends in the status that was there before, which is a success for anything else.
func TestDestroyNeverSaysThatASiteIsGoneWhichStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		out := localaws.Small("used").Write(t, t.TempDir())
		if err := (&run{t: t, out: out, options: a.LoadOptions()}).up(); err != nil {
			t.Fatal(err)
		}
		a.Before("DeleteStack", 0, func() {
			colleague := cloudformation.NewFromConfig(a.ConfigOf("colleague"))
			_, err := colleague.CreateStack(t.Context(), &cloudformation.CreateStackInput{
				StackName: aws.String("guest"), TemplateBody: aws.String(localaws.Parameter("Borrowed", "!ImportValue used-network-VpcId")),
			})
			if err != nil {
				t.Fatal(err)
			}
		})
		destroy := &run{t: t, out: out, options: a.LoadOptions()}
		wantCode(t, destroy.destroy(), outcome.Failed, "used still stands")
		if got := a.Stack("used").Status; got == "DELETE_COMPLETE" {
			t.Errorf("the stack is %s", got)
		}
	})
}
