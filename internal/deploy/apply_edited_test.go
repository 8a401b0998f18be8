package deploy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

// files is a template of a file system, in a site whose other stacks are small.
const files = "Resources:\n  Fs:\n    Type: AWS::EFS::FileSystem\n    DeletionPolicy: Delete\n    UpdateReplacePolicy: Delete\n    Properties:\n      Encrypted: %s\n" +
	"      BackupPolicy: {Status: %s}\n"

// losing saves a plan of a site in memory that replaces a file system, or takes its backup away, and gives it to a test.
func losing(t *testing.T, production bool, encrypted, backup string, fallback bool, do func(t *testing.T, a *cfntest.Account, saved *plan.Plan)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a, dir := cfntest.New(t), t.TempDir()
		site := localawstest.Small("site")
		site.Production = production
		data := func(encrypted, backup string) string {
			return fmt.Sprintf(files, encrypted, backup) + localawstest.Export("Name", "site-data-Name", "!Ref Fs")
		}
		site.Stacks["Data"] = data("true", "ENABLED")
		first := &run{t: t, out: site.Write(t, dir), options: a.LoadOptions(), meant: "site"}
		first.mustUp()
		site.Stacks["Data"] = data(encrypted, backup)
		r := &run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}
		if fallback {
			a.ChangeSetFails("Data", limits["a placeholder"])
			r.fallback = deploy.FallbackAlways
		}
		_, saved, err := r.plan(true)
		if saved == nil {
			t.Fatalf("%v\n%s", err, &r.stderr)
		}
		do(t, a, saved)
	})
}

// elsewhere applies a plan on a machine without the generated folder.
func elsewhere(t *testing.T, a *cfntest.Account, saved *plan.Plan, texts ...string) (*run, error) {
	r := &run{t: t, options: a.LoadOptions(), accepted: accepted(t, texts...)}
	return r, r.apply(saved)
}

// copyOf is a plan that can be edited.
func copyOf(t *testing.T, p *plan.Plan) *plan.Plan {
	t.Helper()
	text, err := json.Marshal(p)
	out := new(plan.Plan)
	if err != nil || json.Unmarshal(text, out) != nil {
		t.Fatal(err)
	}
	return out
}

// Whatever somebody writes into a plan file, the gates judge what the account has.
func TestAnEditedPlanPassesNoGate(t *testing.T) {
	harmless := func(p *plan.Plan) {
		p.Findings = nil
		p.Changes.Walk(func(s *changeset.Stack) {
			for i := range s.Items {
				s.Items[i].Stateful = false
			}
		})
		for i := range p.Manifest.Resources {
			p.Manifest.Resources[i].Stateful = false
		}
	}
	for name, test := range map[string]struct {
		encrypted, backup string
		fallback          bool
		edit              func(p *plan.Plan)
		words             []string
	}{
		"as it was saved":           {backup: "DISABLED", edit: func(*plan.Plan) {}, words: []string{"protection-removed/Data/Fs"}},
		"without its findings":      {backup: "DISABLED", edit: func(p *plan.Plan) { p.Findings = nil }, words: []string{"found since the plan was made: protection-removed/Data/Fs"}},
		"with another finding":      {backup: "DISABLED", edit: func(p *plan.Plan) { p.Findings[0].Checksum = "0123456789ab" }, words: []string{"found since the plan was made: protection-removed/Data/Fs"}},
		"accepted in the file":      {backup: "DISABLED", edit: func(p *plan.Plan) { p.Accepted = acceptedBy(p) }, words: []string{"--accept protection-removed/Data/Fs="}},
		"without findings, by hand": {backup: "DISABLED", fallback: true, edit: func(p *plan.Plan) { p.Findings = nil }, words: []string{"protection-removed/Data/Fs"}},
		"a loss that is not named":  {encrypted: "false", edit: func(p *plan.Plan) { p.Findings = nil }, words: []string{"data-loss/Data/Fs"}},
		"a loss that is no loss":    {encrypted: "false", edit: harmless, words: []string{"CloudFormation now says something else"}},
		"a loss, by hand":           {encrypted: "false", fallback: true, edit: func(p *plan.Plan) { p.Findings = nil }, words: []string{"data-loss/Data/Fs"}},
		"a loss that is left out, by hand": {encrypted: "false", fallback: true, edit: func(p *plan.Plan) {
			p.Findings, p.Changes.Children = nil, nil
		}, words: []string{"CloudFormation now says something else"}},
		"as if CloudFormation had planned it": {encrypted: "false", fallback: true, edit: func(p *plan.Plan) {
			p.Findings, p.Changes.Children, p.Fallback = nil, nil, nil
		}, words: []string{"differ in whether CloudFormation has planned nested stacks"}},
		"another account": {edit: func(p *plan.Plan) { p.Account = "999999999999" }, words: []string{"it was made in account 999999999999"}},
		"another region":  {edit: func(p *plan.Plan) { p.Region = "eu-west-1" }, words: []string{"it is of region eu-west-1"}},
		"another site":    {edit: func(p *plan.Plan) { p.Manifest.Site = "other" }, words: []string{"it is of site other"}},
		"the change set of another stack": {edit: func(p *plan.Plan) {
			p.Changes.StackID = strings.Replace(p.StackID, "stack/site/", "stack/other/", 1)
		}, words: []string{"its change set is of stack"}},
		"another environment": {edit: func(p *plan.Plan) { p.Manifest.Environment = "test" }, words: []string{"its manifest is of environment test, and its change set says: deploy-up dev by"}},
		"a manifest without a stack": {edit: func(p *plan.Plan) {
			p.Manifest.Stacks = slices.DeleteFunc(p.Manifest.Stacks, func(s manifest.Stack) bool { return s.LogicalID == "Data" })
		}, words: []string{"the root nests stack Data, which is not listed"}},
		"a manifest with another template": {edit: func(p *plan.Plan) {
			p.Manifest.Stacks[0].Template.SHA256 = strings.Repeat("0", 64)
		}, words: []string{"with another template than is listed"}},
		"a manifest with a stack more": {edit: func(p *plan.Plan) {
			p.Manifest.Stacks = append(p.Manifest.Stacks, manifest.Stack{Name: "x", LogicalID: "X"})
		}, words: []string{"stack X is listed, and the root does not nest it"}},
	} {
		t.Run(name, func(t *testing.T) {
			encrypted, backup := "true", "ENABLED"
			switch {
			case test.encrypted != "":
				encrypted = test.encrypted
			default:
				backup = "DISABLED"
			}
			losing(t, false, encrypted, backup, test.fallback, func(t *testing.T, a *cfntest.Account, saved *plan.Plan) {
				before := len(a.Calls())
				edited := copyOf(t, saved)
				test.edit(edited)
				_, err := elsewhere(t, a, edited)
				wantCode(t, err, outcome.Refused, test.words...)
				if slices.ContainsFunc(a.Calls()[before:], func(c cfntest.Call) bool { return c.Action == "ExecuteChangeSet" }) {
					t.Error("it was executed")
				}
			})
		})
	}
}

// acceptedBy is what a planner accepts of a plan.
func acceptedBy(p *plan.Plan) []gate.Acceptance {
	var all []gate.Acceptance
	for _, f := range p.Findings {
		all = append(all, gate.Acceptance{Code: f.Code, Subject: f.Subject, Reason: "approved by the head of IT"})
	}
	return all
}

// What is accepted where the plan is applied is deployed, and what the planner accepted is shown as such.
func TestWhatIsAcceptedWhereThePlanIsApplied(t *testing.T) {
	for _, fallback := range []bool{false, true} {
		losing(t, false, "true", "DISABLED", fallback, func(t *testing.T, a *cfntest.Account, saved *plan.Plan) {
			saved.Accepted = acceptedBy(saved)
			r, err := elsewhere(t, a, saved, `protection-removed/Data/Fs="a copy is elsewhere"`)
			if err != nil {
				t.Fatalf("%v\n%s", err, &r.stderr)
			}
			wantWords(t, r.stderr.String(), "accepted: a copy is elsewhere",
				"whoever made the plan accepted protection-removed/Data/Fs: approved by the head of IT; here it has to be accepted again")
		})
	}
}

// A plan that shows more than there is now is executed, and that is said.
func TestFewerFindingsThanThePlanShows(t *testing.T) {
	losing(t, false, "true", "DISABLED", false, func(t *testing.T, a *cfntest.Account, saved *plan.Plan) {
		saved.Findings = append(saved.Findings, gate.Finding{Code: gate.Drift, Subject: "Data/Fs", What: "it was changed by hand"})
		r, err := elsewhere(t, a, saved, `protection-removed/Data/Fs="a copy is elsewhere"`)
		if err != nil {
			t.Fatalf("%v\n%s", err, &r.stderr)
		}
		wantWords(t, r.stderr.String(), "the plan shows drift/Data/Fs, which is no longer so")
	})
}

// What only planning looks at stays as the plan says until it is accepted: nobody knows whether it is gone.
func TestWhatIsNotLookedAtAgainStays(t *testing.T) {
	losing(t, false, "true", "DISABLED", false, func(t *testing.T, a *cfntest.Account, saved *plan.Plan) {
		saved.Findings = []gate.Finding{{Code: gate.Certificate, Subject: "App/Listener", What: "it is not issued"}}
		_, err := elsewhere(t, a, saved)
		wantCode(t, err, outcome.Refused, "--accept certificate/App/Listener=")
	})
}

// A site counts as one in production if its root has termination protection, whatever a file says.
func TestProductionIsWhatTheAccountSays(t *testing.T) {
	losing(t, true, "true", "DISABLED", false, func(t *testing.T, a *cfntest.Account, saved *plan.Plan) {
		saved.Manifest.Production = false
		r := &run{t: t, options: a.LoadOptions(), accepted: accepted(t, `protection-removed/Data/Fs="a copy is elsewhere"`), typed: "no"}
		wantCode(t, r.apply(saved), outcome.Refused, "the name was not typed")
		if r.asked != 1 {
			t.Errorf("asked %d times to type the name", r.asked)
		}
	})
}
