package deploy_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

func TestTheGeneratedSiteCanBePlannedByTheFallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t, cfntest.NestedPlansNeedExports())
		plan, _, err := (&run{t: t, out: "../../out", options: a.LoadOptions(), fallback: deploy.FallbackAlways}).plan(false)
		if plan.Fallback == nil || !strings.Contains(plan.Fallback.Reason, "No export named moodle-dev-") {
			t.Fatalf("%+v, %v", plan.Fallback, err)
		}
		if got := plan.Changes.Count(); len(got) != 1 || got[changeset.Add] < 30 || len(plan.Unchecked()) != 3 {
			t.Errorf("changes %v in %v", got, plan.Unchecked())
		}
	})
}

func TestAnUpdateThatCannotBePlannedIsCompared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		site, dir := localawstest.Small("site"), t.TempDir()
		const table = "  Table:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: one\n"
		plain := site.Stacks["Data"]
		site.Stacks["Data"] = strings.Replace(plain, "Resources:\n", "Resources:\n"+table, 1)
		if err := (&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).up(); err != nil {
			t.Fatal(err)
		}
		site.Stacks["Data"] = strings.Replace(site.Stacks["Data"], "TableName: one", "TableName: two", 1)
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
		a.ChangeSetFails("App", limits["an export"])
		r := &run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deploy.FallbackAlways}
		plan, saved, err := r.plan(true)
		wantCode(t, err, outcome.Refused, "1 finding is not accepted", `--accept data-loss/Data/Table="…"`)
		if plan.Fallback == nil || len(plan.Unchecked()) != 3 || plan.Unchanged()[0] != "Network" {
			t.Errorf("fallback %+v, unchecked %v, unchanged %v", plan.Fallback, plan.Unchecked(), plan.Unchanged())
		}
		found := plan.Changes.Dangerous(changeset.LosesData)
		if len(found) != 1 || found[0].Item.Action != changeset.PerhapsReplace || found[0].Item.LogicalID != "Table" {
			t.Errorf("dangerous: %+v", found)
		}

		wantCode(t, (&run{t: t, options: a.LoadOptions()}).apply(saved), outcome.Refused, "1 finding is not accepted")
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
		site, dir := localawstest.Small("site"), t.TempDir()
		site.Order = append(site.Order, "Archive")
		site.Stacks["Archive"] = "Resources:\n  Old:\n    Type: AWS::DynamoDB::Table\n  Note: {Type: \"AWS::SNS::Topic\"}\n"
		if err := (&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).up(); err != nil {
			t.Fatal(err)
		}
		site.Order = site.Order[:3]
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
		a.ChangeSetFails("App", limits["an export"])
		plan, _, err := (&run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deploy.FallbackAlways}).plan(false)
		wantCode(t, err, outcome.Refused, "data-loss/Archive=", "data-loss/Archive/Old=")
		if n := plan.Changes.Count()[changeset.Remove]; n != 3 {
			t.Errorf("%d to remove, want the stack and what is in it", n)
		}
	})
}

func TestASavedCreationThatWasComparedIsApplied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t, cfntest.NestedPlansNeedExports())
		r := &run{t: t, out: localawstest.Small("site").Write(t, t.TempDir()), options: a.LoadOptions(), fallback: deploy.FallbackAlways}
		_, saved, err := r.plan(true)
		wantCode(t, err, outcome.ChangesWaiting)
		apply := &run{t: t, options: a.LoadOptions()}
		if err := apply.apply(saved); err != nil {
			t.Fatalf("%v\n%s", err, &apply.stderr)
		}
		wantWords(t, apply.stderr.String(), "NOT CHECKED BY CLOUDFORMATION: Network, Data, App", "site is deployed")
	})
}

func TestAComparisonFindsAnExportThatIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		site, dir := localawstest.Small("site"), t.TempDir()
		site.Stacks["Network"] = strings.Replace(site.Stacks["Network"], "Type: String", "Type: String\n      Name: one", 1)
		(&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).mustUp()
		site.Stacks["Network"] = strings.Replace(site.Stacks["Network"], "Name: one", "Name: two", 1)
		a.ChangeSetFails("Data", "Usage of {{IntrinsicFunction:site//Fn::ImportValue}} is not allowed")
		r := &run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deploy.FallbackAlways}
		plan, _, err := r.plan(false)
		wantCode(t, err, outcome.Refused, "export-in-use/Network/VpcId")
		if !slices.ContainsFunc(plan.Findings, func(f gate.Finding) bool { return f.Fails && strings.Contains(f.What, "stack Data imports it") }) {
			t.Errorf("findings %+v", plan.Findings)
		}
	})
}

func TestAStackThatIsNewIsListedWithAllThatIsInIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		site, dir := localawstest.Small("site"), t.TempDir()
		(&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).mustUp()
		site.Order = append(site.Order, "More")
		site.Stacks["More"] = localawstest.Parameter("New", "!ImportValue site-data-Other")
		site.Stacks["Data"] += "  Other:\n    Value: !Ref Database\n    Export:\n      Name: site-data-Other\n"
		site.Stacks["App"] = "# a remark\n" + site.Stacks["App"]
		site.Tags["Owner"] = "jane"
		a.ChangeSetFails("More", "No export named site-data-Other found")
		r := &run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deploy.FallbackAlways}
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

func TestWithoutTheDeployedTemplateThereIsNoComparison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		site, dir := localawstest.Small("site"), t.TempDir()
		(&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).mustUp()
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
		a.ChangeSetFails("App", limits["an export"])
		a.Inject(cfntest.Fault{Action: "GetTemplate", Skip: 1, Effect: cfntest.Denied("cloudformation:GetTemplate")})
		r := &run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deploy.FallbackAlways}
		wantCode(t, r.up(), outcome.Failed, "look at what is deployed", "GetTemplate")
		a.Heal()
		site.Stacks["App"] = "Conditions: {Big: !Equals [a, b]}\n" + site.Stacks["App"]
		r = &run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deploy.FallbackAlways}
		wantCode(t, r.up(), outcome.Failed, "compare the templates of site/App: they use Conditions")
		for _, entry := range left(t, a) {
			if strings.Contains(entry, "AVAILABLE") && !strings.Contains(entry, "UNAVAILABLE") {
				t.Errorf("left behind: %s", entry)
			}
		}
	})
}

func TestASavedComparisonIsHeldAgainstWhatIsDeployed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		site, dir := localawstest.Small("site"), t.TempDir()
		if err := (&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).up(); err != nil {
			t.Fatal(err)
		}
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
		a.ChangeSetFails("App", limits["an export"])
		_, saved, err := (&run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), fallback: deploy.FallbackAlways}).plan(true)
		wantCode(t, err, outcome.ChangesWaiting)
		other := strings.Replace(site.Stacks["Data"], "Resources:", "Resources:\n  More: {Type: \"AWS::SNS::Topic\"}", 1)
		child := a.Stack("site", "Data").ID
		if _, err := cloudformation.NewFromConfig(a.ConfigOf("colleague")).UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
			StackName: &child, TemplateBody: &other,
		}); err != nil {
			t.Fatal(err)
		}
		wantCode(t, (&run{t: t, options: a.LoadOptions()}).apply(saved), outcome.Refused, "the saved plan is no longer valid: the template of Data is another one now")
	})
}
