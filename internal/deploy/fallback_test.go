package deploy_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

// limits are what CloudFormation says when it would have to know a value that only the deployment makes.
var limits = map[string]string{
	"an export":      "No export named site-data-Name found",
	"a placeholder":  "Usage of {{IntrinsicFunction:arn:aws:cloudformation:eu-central-1:1:stack/site/1//Fn::ImportValue}} is not allowed",
	"the SSM's type": "Unable to fetch parameters [{{IntrinsicFunction:site/Data.Outputs.Name/Fn::GetAtt}}] from parameter store for this account.",
}

// left are the stacks and root change sets that are there.
func left(t *testing.T, a *cfntest.Account) []string {
	t.Helper()
	var all []string
	api := cloudformation.NewFromConfig(a.Config())
	for _, s := range a.Stacks() {
		if s.Status == "DELETE_COMPLETE" || s.Path != "" {
			continue
		}
		all = append(all, s.Name+" "+s.Status)
		sets, err := api.ListChangeSets(t.Context(), &cloudformation.ListChangeSetsInput{StackName: &s.ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range sets.Summaries {
			all = append(all, aws.ToString(c.ChangeSetName)+" "+string(c.ExecutionStatus))
		}
	}
	return all
}

func TestAFirstCreationThatCannotBePlannedIsAskedAbout(t *testing.T) {
	for name, reason := range limits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := cfntest.New(t)
				a.ChangeSetFails("App", reason)
				out := localawstest.Small("site").Write(t, t.TempDir())
				try := func(r *run) *run {
					r.t, r.out, r.options = t, out, a.LoadOptions()
					return r
				}
				nobody := try(&run{nobody: true})
				wantCode(t, nobody.up(), outcome.Refused, "CloudFormation can't plan site/App: "+reason, "cannot ask for confirmation", "--fallback=always")
				never := try(&run{fallback: deploy.FallbackNever})
				wantCode(t, never.up(), outcome.Failed, reason, "no template is at fault", "--fallback=always")
				no := try(&run{ask: true, answer: func() bool { return false }})
				wantCode(t, no.up(), outcome.Refused, reason, "the plan without its check was not confirmed")
				wantWords(t, no.question, reason, "CloudFormation has not checked them", "Plan like that?")
				if all := left(t, a); len(all) > 0 {
					t.Fatalf("left behind: %v", all)
				}
				yes := try(&run{ask: true, answer: func() bool { return true }})
				if err := yes.up(); err != nil {
					t.Fatalf("%v\n%s", err, &yes.stderr)
				}
				wantWords(t, yes.stderr.String(), "+ 4 to add", "not checked by CloudFormation", "site is deployed")
				if got := a.Stack("site", "App").Status; got != "CREATE_COMPLETE" {
					t.Errorf("App is %s", got)
				}
				if again := try(&run{nobody: true}); again.up() != nil {
					t.Error(again.stderr.String())
				}
			})
		})
	}
}

// What is wrong in a template is an error, also beside a limit of planning, and whatever is said about fallbacks.
func TestAFaultIsNeverPlannedAround(t *testing.T) {
	for name, reasons := range map[string]map[string]string{
		"a wrong template":                  {"App": "Template format error: Unresolved resource dependencies [Vpc] in the Resources block of the template"},
		"a fault beside a limit":            {"App": limits["an export"], "Data": "Template error: no"},
		"an export that nobody makes":       {"App": "No export named elsewhere-Name found"},
		"an export of its own":              {"Data": limits["an export"]},
		"a pattern that a value misses":     {"App": "Parameter 'Size' must match pattern [a-z]+"},
		"a root that can't be planned":      {"": limits["an export"]},
		"a reason that nobody has heard of": {"App": "something"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := cfntest.New(t)
				for path, reason := range reasons {
					a.ChangeSetFails(path, reason)
				}
				r := &run{t: t, out: localawstest.Small("site").Write(t, t.TempDir()), options: a.LoadOptions(), fallback: deploy.FallbackAlways}
				wantCode(t, r.up(), outcome.Failed, "CloudFormation can't plan site", "correct the environment")
				if all := left(t, a); len(all) > 0 {
					t.Fatalf("left behind: %v", all)
				}
			})
		})
	}
}

// The reason of a failed validation only names it: what it found stands elsewhere, and needs a permission of its own.
func TestAPlanThatAValidationStopsSaysWhatItFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		a.FailsValidation("App", "Version", "Nonsense", "extraneous key [Nonsense] is not permitted")
		out := localawstest.Small("site").Write(t, t.TempDir())
		r := &run{t: t, out: out, options: a.LoadOptions(), fallback: deploy.FallbackAlways}
		wantCode(t, r.up(), outcome.Failed, "CloudFormation can't plan site/App: The following hook(s)/validation failed",
			"Version  extraneous key [Nonsense] is not permitted  /Resources/Version/Properties/Nonsense  AWS::EarlyValidation::PropertyValidation")
		a.Inject(cfntest.Fault{Action: "DescribeEvents", Effect: cfntest.Denied("cloudformation:DescribeEvents")})
		wantCode(t, r.up(), outcome.Failed, "can't plan site/App", "what it found is not to be had: ", "cloudformation:DescribeEvents")
		if all := left(t, a); len(all) > 0 {
			t.Errorf("left behind: %v", all)
		}
	})
}

// The project's own site, where CloudFormation would need every export that a sibling is about to make: nothing in its templates hinders
// the fallback, which only adds.
// An update: what changes, goes and comes is found in the templates, and gates judge it.
// A saved creation that was compared is applied as any other.
// What CloudFormation will refuse is found in a comparison too: an export that gets another value while a sibling imports it.
// A stack that is new in an update is added with all that is in it; tags and comments alone change no resource in any other.
// Wherever a fallback breaks off, nothing of it is left, and the next one finds its way.
func TestAFallbackThatBreaksOffLeavesNothing(t *testing.T) {
	for name, breaks := range map[string]func(a *cfntest.Account, r *run, cancel func()){
		"interrupted at the question": func(_ *cfntest.Account, r *run, cancel func()) {
			r.fallback, r.answer = deploy.FallbackAsk, func() bool { cancel(); return true }
		},
		"interrupted between the plans": func(_ *cfntest.Account, r *run, cancel func()) {
			r.onStep = func(step string) {
				if step == "planning only the root stack" {
					cancel()
				}
			}
		},
		"interrupted while it compares": func(_ *cfntest.Account, r *run, cancel func()) {
			r.onStep = func(step string) {
				if step == "comparing the templates of nested stacks" {
					cancel()
				}
			}
		},
		"the second plan is refused": func(a *cfntest.Account, _ *run, _ func()) {
			a.Inject(cfntest.Fault{Action: "CreateChangeSet", Skip: 1, Times: 1, Effect: cfntest.Denied("cloudformation:CreateChangeSet")})
		},
		"the first can't be taken back at once": func(a *cfntest.Account, _ *run, _ func()) {
			a.Inject(cfntest.Fault{Action: "DeleteChangeSet", Times: 1, Effect: cfntest.Denied("cloudformation:DeleteChangeSet")})
		},
		"the root alone can't be planned": func(a *cfntest.Account, _ *run, _ func()) {
			a.Before("CreateChangeSet", 1, func() { a.ChangeSetFails("", "Template error: no") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := cfntest.New(t)
				a.ChangeSetFails("App", limits["an export"])
				out := localawstest.Small("site").Write(t, t.TempDir())
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				r := &run{t: t, out: out, options: a.LoadOptions(), ctx: ctx, fallback: deploy.FallbackAlways}
				breaks(a, r, cancel)
				if err := r.up(); err == nil {
					t.Fatal("it went on")
				}
				if all := left(t, a); len(all) > 0 {
					t.Errorf("left behind: %v", all)
				}
				a.ChangeSetFails("", "")
				(&run{t: t, out: out, options: a.LoadOptions(), fallback: deploy.FallbackAlways}).mustUp()
			})
		})
	}
}

// Where the deployed template of a stack can't be had nobody can say what is lost, so nothing is said.
// A saved plan that was compared is only true as long as what it was compared with is deployed.
