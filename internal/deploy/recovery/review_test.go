package recovery_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

// A plan is one's own by its name and by its description: who may delete it, and with it the stack that was made for it.
func TestAPlannedStackIsDeletedOnlyByWhoPlannedIt(t *testing.T) {
	const name = "deploy-20270101-000000-abc1234-wxyz"
	for kind, plan := range map[string]struct {
		name, description string
		mine              bool
	}{
		"a name that begins as ours": {"deploy-4711", "shop team release 4711", false},
		"that says deploy, too":      {"deploy-4711", "deploy-up dev by administrator", false},
		"our name alone":             {name, "shop team release", false},
		"of a colleague":             {name, "deploy-up dev by colleague, git abc1234", false},
		"of a longer name":           {name, "deploy-up dev by administrator2, git abc1234", false},
		"my own":                     {name, "deploy-up dev by administrator", true},
		"my own of a revision":       {name, "deploy-up dev by administrator, git abc1234; accepted a/b=\"asked by colleague\nof mine\"", true},
		"my own unchecked":           {name, "deploy-nested stacks not checked by CloudFormation; up dev by administrator", true},
	} {
		t.Run(kind, func(t *testing.T) {
			for verb, do := range map[string]func(*site) error{
				"destroy": (*site).destroy,
				"recover": func(s *site) error { return s.recover() },
			} {
				in(t, func(s *site) {
					_, err := s.client().CreateChangeSet(s.t.Context(), &cloudformation.CreateChangeSetInput{
						StackName: aws.String("site"), ChangeSetName: &plan.name, Description: &plan.description,
						ChangeSetType: "CREATE", TemplateBody: aws.String(localawstest.Parameter("X", "y")),
					})
					s.succeed(err)
					s.yes = true
					err = do(s)
					if plan.mine {
						s.succeed(err)
						s.wants("DELETE_COMPLETE")
						return
					}
					if outcome.CodeOf(err) != outcome.Refused {
						s.t.Errorf("%s: %v", verb, err)
					}
					s.wants("REVIEW_IN_PROGRESS")
				})
			}
		})
	}
}

func TestAPlanOfOthersStandsInTheWayOfADeployment(t *testing.T) {
	in(t, func(s *site) {
		_, err := s.client().CreateChangeSet(s.t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: aws.String("site"), ChangeSetName: aws.String("deploy-4711"), Description: aws.String("shop team release 4711"),
			ChangeSetType: "CREATE", TemplateBody: aws.String(localawstest.Parameter("X", "y")),
		})
		s.succeed(err)
		s.fails(s.up(), outcome.Refused, "change set deploy-4711 waits on stack site")
		s.wants("REVIEW_IN_PROGRESS")
	})
}
