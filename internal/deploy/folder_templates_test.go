package deploy_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

// A fault of the folder's own files is the folder's: it is named with its file and line, all of them at once, before AWS is asked anything.
func TestFaultsOfTheFoldersTemplatesAreFoundBeforeAnyCall(t *testing.T) {
	inMemory(t, "", func(m *memory) {
		site := localawstest.Small("memory")
		site.Stacks["Data"] = strings.Replace(site.Stacks["Data"], "      Type: String\n", "      Type: String\n      Type: String\n", 1)
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "!GetAt Version.Value", 1)
		out := site.Write(m.t, m.t.TempDir())
		for name, do := range map[string]func(*run) error{
			"up": (*run).up, "plan": func(r *run) error { _, _, err := r.plan(false); return err },
		} {
			r := &run{t: m.t, out: out, options: m.account.LoadOptions()}
			wantCode(m.t, do(r), outcome.Failed, "data.yaml:6:7: \"Type\" is given twice, first in line 5", "app.yaml:6:14: CloudFormation has no function !GetAt; did you mean !GetAtt?")
			if calls := m.account.Calls(); len(calls) > 0 {
				m.t.Errorf("%s asks AWS: %+v", name, calls)
			}
		}
	})
}

// What is deployed can't be corrected in the folder: a key that is given twice there, in another spelling besides, is compared by its meaning.
func TestADeployedTemplateIsReadInAnyForm(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		other := "Resources:\n  Database:\n    Type: AWS::SSM::Parameter\n    Properties: {Type: List, Type: String, Value: {\"Fn::ImportValue\": !Sub [memory-network-VpcId]}}\n" +
			"Outputs: {Name: {Value: {Ref: Database}, Export: {Name: memory-data-Name}}}\n"
		child := m.account.Stack("memory", "Data").ID
		if _, err := cloudformation.NewFromConfig(m.account.ConfigOf("colleague")).UpdateStack(m.t.Context(), &cloudformation.UpdateStackInput{
			StackName: &child, TemplateBody: &other,
		}); err != nil {
			m.t.Fatal(err)
		}
		plan, _, err := m.run("v2").plan(false)
		wantCode(m.t, err, outcome.ChangesWaiting)
		if len(plan.Findings) > 0 {
			m.t.Errorf("findings %+v", plan.Findings)
		}
		if err := m.run("v2").destroy(); err != nil {
			m.t.Errorf("destroy: %v", err)
		}
	})
}

// A number and its text are the same to CloudFormation, below a function too: the comparison made here must not invent a replacement, and with
// it a loss of data.
func TestAComparisonTakesNumbersAsTheirTexts(t *testing.T) {
	inMemory(t, "", func(m *memory) {
		site := localawstest.Small("memory")
		vpc := site.Stacks["Network"]
		write := func(index string) *run {
			site.Stacks["Network"] = strings.Replace(vpc, "Value: one", "Name: !Select ["+index+", [a, b]]\n      Value: !Join [\"-\", [2024-01-01, "+index+"]]", 1)
			return &run{t: m.t, out: site.Write(m.t, m.t.TempDir()), options: m.account.LoadOptions(), fallback: "always"}
		}
		write("0").mustUp()
		m.account.ChangeSetFails("Network", "Usage of {{IntrinsicFunction:memory//Fn::ImportValue}} is not allowed")
		r := write(`"0"`)
		plan, _, err := r.plan(false)
		wantCode(m.t, err, outcome.ChangesWaiting)
		if n := plan.Changes.Count(); len(n) > 0 || len(plan.Unchecked()) == 0 {
			m.t.Errorf("changes %v, unchecked %v", n, plan.Unchecked())
		}
	})
}

// A manifest that lists other stacks than the root nests would have gates judge something else than is deployed.
func TestAFolderWhoseRootAndManifestDifferIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(site *manifest.Site)
		want string
	}{
		"a stack that is not listed": {func(s *manifest.Site) { s.Stacks = s.Stacks[:2] }, "the root nests stack App, which is not listed"},
		"another template":           {func(s *manifest.Site) { s.Stacks[2].Template = s.Stacks[1].Template }, "the root nests stack App with another template than is listed"},
		"a stack that is not nested": {func(s *manifest.Site) {
			s.Stacks = append(s.Stacks, manifest.Stack{LogicalID: "More", Template: s.Stacks[1].Template})
		}, "stack More is listed, and the root does not nest it"},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, "", func(m *memory) {
				planner, err := m.run("v1").planner()
				if err != nil {
					m.t.Fatal(err)
				}
				test.edit(planner.Site)
				err = (&deploy.Up{Planner: planner, Consent: deploy.Consent{Yes: true}}).Run(m.t.Context())
				wantCode(m.t, err, outcome.Refused, "site.yaml and site.json of the folder differ: "+test.want)
			})
		})
	}
}
