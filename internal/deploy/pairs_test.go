package deploy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/pullrequest"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/localawstest"
)

// kinds are types with a property that forces a replacement and one that does not; another resource may stand in the first one's place.
var kinds = []struct{ kind, forces, changes, refers, attribute string }{
	{"AWS::RDS::DBCluster", "DBSubnetGroupName", "BackupRetentionPeriod", "AWS::RDS::DBSubnetGroup", "DBSubnetGroupName"},
	{"AWS::EFS::FileSystem", "KmsKeyId", "ThroughputMode", "AWS::KMS::Key", "Arn"},
	{"AWS::S3::Bucket", "BucketName", "AccessControl", "AWS::SSM::Parameter", "Value"},
	{"AWS::Logs::LogGroup", "LogGroupName", "RetentionInDays", "AWS::SSM::Parameter", "Value"},
	{"AWS::SecretsManager::Secret", "Name", "Description", "AWS::SSM::Parameter", "Value"},
	{"AWS::KMS::Key", "KeySpec", "Description", "", ""},
	{"AWS::RDS::DBSubnetGroup", "DBSubnetGroupName", "DBSubnetGroupDescription", "", ""},
	{"AWS::SSM::Parameter", "Name", "Value", "", ""},
}

// holdsData are those whose loss is a loss of data.
var holdsData = []string{
	"AWS::RDS::DBCluster", "AWS::EFS::FileSystem", "AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::SecretsManager::Secret", "AWS::KMS::Key",
}

// drawnStack is a template of a few resources, some of which refer to others.
func drawnStack(t *rapid.T, prefix string) string {
	all := map[string]any{prefix + "Rest": map[string]any{"Type": "AWS::SNS::Topic"}}
	ids := map[string]string{}
	for i, k := range kinds {
		if rapid.IntRange(0, 3).Draw(t, "there") > 0 {
			ids[k.kind] = fmt.Sprintf("%sR%d", prefix, i)
		}
	}
	for _, k := range kinds {
		if id := ids[k.kind]; id != "" {
			resource := map[string]any{"Type": k.kind, "Properties": map[string]any{
				k.forces: drawnValue(t, prefix, ids[k.refers], k.attribute), k.changes: rapid.SampledFrom([]string{"1", "2"}).Draw(t, "in place"),
			}}
			if k.changes == "Value" { // which others may be named after
				resource["Properties"].(map[string]any)[k.changes] = prefix + "-" + rapid.SampledFrom([]string{"1", "2"}).Draw(t, "value in place")
			}
			for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
				if p := rapid.SampledFrom([]string{"", "", "Delete", "Retain"}).Draw(t, policy); p != "" {
					resource[policy] = p
				}
			}
			all[id] = resource
		}
	}
	text, err := json.Marshal(map[string]any{"Resources": all})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// drawnValue is a literal, or what an intrinsic makes of another resource. No two stacks draw the same, since names are unique.
func drawnValue(t *rapid.T, prefix, other, attribute string) any {
	literal := prefix + "-" + rapid.SampledFrom([]string{"one", "one", "two"}).Draw(t, "literal")
	if other == "" {
		return literal
	}
	return rapid.SampledFrom([]any{
		literal, map[string]any{"Ref": other}, map[string]any{"Fn::GetAtt": []string{other, attribute}}, map[string]any{"Fn::Sub": "x-${" + other + "}"},
	}).Draw(t, "value")
}

// drawnSite changes a small site's stacks to drawn ones; a fourth is there or not.
func drawnSite(t *rapid.T, site *localawstest.Folder) {
	site.Order = []string{"Network", "App"}
	if rapid.IntRange(0, 3).Draw(t, "more") > 0 {
		site.Order = []string{"Network", "More", "App"}
	}
	for _, id := range site.Order {
		site.Stacks[id] = drawnStack(t, id)
	}
}

// Whatever two sites are like: what holds data and is another one or none after the deployment was named before it, by a finding and in
// every rendering, however short. So it is where CloudFormation plans and where templates are compared.
func TestNoPairOfSitesLosesDataUnnamed(t *testing.T) {
	lost, ended := map[bool]int{}, map[outcome.Code]int{}
	rapid.Check(t, func(rt *rapid.T) {
		old, site := localawstest.Small("pairs"), localawstest.Small("pairs")
		drawnSite(rt, old)
		drawnSite(rt, site)
		fallback := rapid.Bool().Draw(rt, "fallback")
		var unnamed []string
		synctest.Test(t, func(t *testing.T) {
			p := &pair{t: t, account: cfntest.New(t), dir: t.TempDir(), fallback: fallback}
			unnamed = p.run(old, site)
			lost[fallback] += p.lost
			ended[p.code]++
		})
		if len(unnamed) > 0 {
			rt.Fatalf("lost and not named:\n%s", strings.Join(unnamed, "\n"))
		}
	})
	t.Logf("lost by plan %d, by comparison %d; deployments ended with %v", lost[false], lost[true], ended)
	if lost[false] == 0 || lost[true] == 0 {
		t.Error("nothing was lost in any of the deployments: the test proves nothing")
	}
}

// pair is one site that becomes another.
type pair struct {
	t        *testing.T
	account  *cfntest.Account
	dir      string
	fallback bool

	lost int
	code outcome.Code // of the deployment
}

// run deploys the one, plans and deploys the other, and says what was lost and not named.
func (p *pair) run(old, next *localawstest.Folder) []string {
	(&run{t: p.t, out: old.Write(p.t, p.dir), options: p.account.LoadOptions()}).mustUp()
	before := p.stateful()
	r := &run{t: p.t, out: next.Write(p.t, p.dir), options: p.account.LoadOptions()}
	if p.fallback {
		r.fallback = deploy.FallbackAlways
		p.account.ChangeSetFails("App", limits["a placeholder"])
	}
	plan, saved, err := r.plan(true)
	if code := outcome.CodeOf(err); code != outcome.Refused && code != outcome.ChangesWaiting && code != outcome.Done {
		p.t.Fatalf("plan: %v", err)
	}
	if saved == nil {
		return nil // nothing to do
	}
	if p.fallback != (plan.Fallback != nil) && next.Stacks["App"] != old.Stacks["App"] {
		p.t.Fatalf("fallback %v, and the plan says %+v", p.fallback, plan.Fallback)
	}
	apply := &run{t: p.t, options: p.account.LoadOptions()}
	for _, f := range plan.Findings {
		apply.accepted = append(apply.accepted, gate.Acceptance{Code: f.Code, Subject: f.Subject, Reason: "drawn"})
	}
	err = apply.apply(saved)
	if p.code = outcome.CodeOf(err); p.code == outcome.Failed || p.code == outcome.Refused {
		p.t.Fatalf("apply: %v", err)
	}
	after, unnamed := p.stateful(), []string{}
	for name, id := range before {
		if after[name] != id {
			p.lost++
			unnamed = append(unnamed, p.unnamed(plan, name)...)
		}
	}
	return unnamed
}

// stateful are the ids of what holds data, by the path of each in the tree.
func (p *pair) stateful() map[string]string {
	all := map[string]string{}
	for _, s := range p.account.Stacks() {
		for id, r := range s.Resources {
			if s.Status != "DELETE_COMPLETE" && slices.Contains(holdsData, r.Type) {
				all[s.Path+"/"+id] = r.PhysicalID
			}
		}
	}
	return all
}

// unnamed lists where a lost resource is not named: by its path, or by its id beside its stack's that goes as a whole.
func (p *pair) unnamed(made *plan.Plan, name string) []string {
	stack, id, _ := strings.Cut(name, "/")
	found := slices.ContainsFunc(made.Findings, func(f gate.Finding) bool {
		return f.Code == gate.DataLoss && (f.Subject == name || f.Subject == stack && strings.Contains(f.What, id+" ("))
	})
	var all []string
	if !found {
		all = append(all, name+" is in no finding")
	}
	var screen strings.Builder
	terminal.WriteWholePlan(&screen, false, made, account.Caller{})
	document, err := plan.Encode(made)
	if err != nil {
		p.t.Fatal(err)
	}
	for where, text := range map[string]string{
		"the terminal": screen.String(), "the JSON": string(document), "a comment": pullrequest.Write(made, pullrequest.Limit),
		"a short comment": pullrequest.Write(made, 1500), "the shortest comment": pullrequest.Write(made, 1),
	} {
		if !strings.Contains(text, name) && !strings.Contains(text, id+" (") && !strings.Contains(text, id+" \\(") {
			all = append(all, name+" is not in "+where)
		}
		if p.fallback && made.Fallback != nil && !strings.Contains(strings.ToLower(text), "not checked by cloudformation") && where != "the JSON" {
			all = append(all, where+" does not say that CloudFormation has not checked it")
		}
	}
	if p.fallback && made.Fallback != nil && !strings.Contains(string(document), `"unchecked": true`) {
		all = append(all, "the JSON does not say that CloudFormation has not checked it")
	}
	return all
}
