package deployment_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/changeset"
	"distributed-moodle/internal/deployment"
	"distributed-moodle/internal/localaws"
	"distributed-moodle/internal/outcome"
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
				out := localaws.Small("site").Write(t, t.TempDir())
				try := func(r *run) *run {
					r.t, r.out, r.options = t, out, a.LoadOptions()
					return r
				}
				nobody := try(&run{nobody: true})
				wantCode(t, nobody.up(), outcome.Refused, "CloudFormation can't plan site/App: "+reason, "nobody can be asked", "--fallback=always")
				never := try(&run{fallback: deployment.FallbackNever})
				wantCode(t, never.up(), outcome.Failed, reason, "no template is at fault", "--fallback=always")
				no := try(&run{ask: true, answer: func() bool { return false }})
				wantCode(t, no.up(), outcome.Refused, reason, "the answer was no")
				wantWords(t, no.question, reason, "CloudFormation has not checked it", "Plan like that?")
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
				r := &run{t: t, out: localaws.Small("site").Write(t, t.TempDir()), options: a.LoadOptions(), fallback: deployment.FallbackAlways}
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
		out := localaws.Small("site").Write(t, t.TempDir())
		r := &run{t: t, out: out, options: a.LoadOptions(), fallback: deployment.FallbackAlways}
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
func TestTheGeneratedSiteCanBePlannedByTheFallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t, cfntest.NestedPlansNeedExports())
		plan, _, err := (&run{t: t, out: "../../out", options: a.LoadOptions(), fallback: deployment.FallbackAlways}).plan(false)
		if plan.Fallback == nil || !strings.Contains(plan.Fallback.Reason, "No export named moodle-dev-") {
			t.Fatalf("%+v, %v", plan.Fallback, err)
		}
		if got := plan.Changes.Count(); len(got) != 1 || got[changeset.Add] < 30 || len(plan.Unchecked()) != 3 {
			t.Errorf("changes %v in %v", got, plan.Unchecked())
		}
	})
}

// An update: what changes, goes and comes is found in the templates, and gates judge it.
func TestAnUpdateThatCannotBePlannedIsCompared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		site, dir := localaws.Small("site"), t.TempDir()
		const table = "  Table:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: one\n"
		plain := site.Stacks["Data"]
		site.Stacks["Data"] = strings.Replace(plain, "Resources:\n", "Resources:\n"+table, 1)
		if err := (&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).up(); err != nil {
			t.Fatal(err)
		}
		site.Stacks["Data"] = strings.Replace(site.Stacks["Data"], "TableName: one", "TableName: two", 1)
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
		a.ChangeSetFails("App", limits["an export"])
		r := &run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deployment.FallbackAlways}
		plan, saved, err := r.plan(true)
		wantCode(t, err, outcome.Refused, "1 finding stands open", `--accept data-loss/Data/Table="…"`)
		if plan.Fallback == nil || len(plan.Unchecked()) != 3 || plan.Unchanged()[0] != "Network" {
			t.Errorf("fallback %+v, unchecked %v, unchanged %v", plan.Fallback, plan.Unchecked(), plan.Unchanged())
		}
		found := plan.Changes.Dangerous(changeset.LosesData)
		if len(found) != 1 || found[0].Item.Action != changeset.PerhapsReplace || found[0].Item.LogicalID != "Table" {
			t.Errorf("dangerous: %+v", found)
		}

		wantCode(t, (&run{t: t, options: a.LoadOptions()}).apply(saved), outcome.Refused, "1 finding stands open")
		r = &run{t: t, options: a.LoadOptions(), accepted: accepted(t, `data-loss/Table=moved by hand`)}
		if err := r.apply(saved); err != nil {
			t.Fatalf("%v\n%s", err, &r.stderr)
		}
		if got := a.Stack("site", "App").Resources["Version"].Properties["Value"]; got != "v2" {
			t.Errorf("App has %v", got)
		}
	})
}

func TestAStackThatGoesIsListedWithAllThatIsInIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		site, dir := localaws.Small("site"), t.TempDir()
		site.Order = append(site.Order, "Archive")
		site.Stacks["Archive"] = "Resources:\n  Old:\n    Type: AWS::DynamoDB::Table\n  Note: {Type: \"AWS::SNS::Topic\"}\n"
		if err := (&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).up(); err != nil {
			t.Fatal(err)
		}
		site.Order = site.Order[:3]
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
		a.ChangeSetFails("App", limits["an export"])
		plan, _, err := (&run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deployment.FallbackAlways}).plan(false)
		wantCode(t, err, outcome.Refused, "data-loss/Archive=", "data-loss/Archive/Old=")
		if n := plan.Changes.Count()[changeset.Remove]; n != 3 {
			t.Errorf("%d to remove, want the stack and what is in it", n)
		}
	})
}

// A stack that is new in an update is added with all that is in it; tags and comments alone change no resource in any other.
func TestAStackThatIsNewIsListedWithAllThatIsInIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		site, dir := localaws.Small("site"), t.TempDir()
		(&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).mustUp()
		site.Order = append(site.Order, "More")
		site.Stacks["More"] = localaws.Parameter("New", "!ImportValue site-data-Other")
		site.Stacks["Data"] += "  Other:\n    Value: !Ref Database\n    Export:\n      Name: site-data-Other\n"
		site.Stacks["App"] = "# a remark\n" + site.Stacks["App"]
		site.Tags["Owner"] = "jane"
		a.ChangeSetFails("More", "No export named site-data-Other found")
		r := &run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deployment.FallbackAlways}
		plan, saved, err := r.plan(true)
		wantCode(t, err, outcome.ChangesWaiting)
		if got := plan.Changes.Count(); got[changeset.Add] != 1 || len(got) != 1 {
			t.Errorf("changes %v", got)
		}
		wantWords(t, strings.Join(plan.Notes, "\n"), "the stack's tags change")
		if err := (&run{t: t, options: a.LoadOptions()}).apply(saved); err != nil {
			t.Fatal(err)
		}
		if got := a.Stack("site", "More").Status; got != "CREATE_COMPLETE" {
			t.Errorf("More is %s", got)
		}
	})
}

// Wherever a fallback breaks off, nothing of it is left, and the next one finds its way.
func TestAFallbackThatBreaksOffLeavesNothing(t *testing.T) {
	for name, breaks := range map[string]func(a *cfntest.Account, r *run, cancel func()){
		"interrupted at the question": func(_ *cfntest.Account, r *run, cancel func()) {
			r.fallback, r.answer = deployment.FallbackAsk, func() bool { cancel(); return true }
		},
		"interrupted between the plans": func(_ *cfntest.Account, r *run, cancel func()) {
			r.onStep = func(step string) {
				if step == "planning the root alone" {
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
				out := localaws.Small("site").Write(t, t.TempDir())
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				r := &run{t: t, out: out, options: a.LoadOptions(), ctx: ctx, fallback: deployment.FallbackAlways}
				breaks(a, r, cancel)
				if err := r.up(); err == nil {
					t.Fatal("it went on")
				}
				if all := left(t, a); len(all) > 0 {
					t.Errorf("left behind: %v", all)
				}
				a.ChangeSetFails("", "")
				(&run{t: t, out: out, options: a.LoadOptions(), fallback: deployment.FallbackAlways}).mustUp()
			})
		})
	}
}

// Where the deployed template of a stack can't be had nobody can say what is lost, so nothing is said.
func TestWithoutTheDeployedTemplateThereIsNoComparison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		site, dir := localaws.Small("site"), t.TempDir()
		(&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).mustUp()
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
		a.ChangeSetFails("App", limits["an export"])
		a.Inject(cfntest.Fault{Action: "GetTemplate", Skip: 1, Effect: cfntest.Denied("cloudformation:GetTemplate")})
		r := &run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deployment.FallbackAlways}
		wantCode(t, r.up(), outcome.Failed, "compare the nested templates", "GetTemplate")
		a.Heal()
		site.Stacks["App"] = "Conditions: {Big: !Equals [a, b]}\n" + site.Stacks["App"]
		r = &run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deployment.FallbackAlways}
		wantCode(t, r.up(), outcome.Failed, "compare the templates of site/App: they use Conditions")
		for _, entry := range left(t, a) {
			if strings.Contains(entry, "AVAILABLE") && !strings.Contains(entry, "UNAVAILABLE") {
				t.Errorf("left behind: %s", entry)
			}
		}
	})
}

// A saved plan that was compared is only true as long as what it was compared with is deployed.
func TestASavedComparisonIsHeldAgainstWhatIsDeployed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		site, dir := localaws.Small("site"), t.TempDir()
		if err := (&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).up(); err != nil {
			t.Fatal(err)
		}
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
		a.ChangeSetFails("App", limits["an export"])
		_, saved, err := (&run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deployment.FallbackAlways}).plan(true)
		wantCode(t, err, outcome.ChangesWaiting)
		other := strings.Replace(site.Stacks["Data"], "Resources:", "Resources:\n  More: {Type: \"AWS::SNS::Topic\"}", 1)
		child := a.Stack("site", "Data").ID
		if _, err := cloudformation.NewFromConfig(a.ConfigOf("colleague")).UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
			StackName: &child, TemplateBody: &other,
		}); err != nil {
			t.Fatal(err)
		}
		wantCode(t, (&run{t: t, options: a.LoadOptions()}).apply(saved), outcome.Refused, "the saved plan no longer holds: the template of Data is another one now")
	})
}
