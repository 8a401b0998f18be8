package gate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
)

func parse(t interface{ Fatal(...any) }, text string) *template.Template {
	if text == "" {
		return nil
	}
	m, err := template.Parse("template.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// change is a stack called Data whose template goes from one text to another.
func change(t interface{ Fatal(...any) }, before, after string) Facts {
	return Facts{Stacks: []Stack{{Path: address.Path{"Data"}, Old: parse(t, before), New: parse(t, after)}}}
}

func resources(text string) string { return "Resources:\n" + text }

func TestWhatEachGateFinds(t *testing.T) {
	const group = `  G: {Type: "AWS::EC2::SecurityGroup", Properties: {GroupDescription: d, SecurityGroupIngress: [%s]}}`
	const role = `  R: {Type: "AWS::IAM::Role", Properties: {Policies: [{PolicyName: p, PolicyDocument: {Statement: [%s]}}]}}`
	for _, test := range []struct {
		name, before, after string
		want                []string
	}{
		{
			"a port for everybody",
			fmt.Sprintf(group, `{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}`),
			fmt.Sprintf(group, `{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}, {IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIpv6: "::/0"}`),
			[]string{"access-widened/Data/G: ::/0 reaches port 5432"},
		},
		{"a narrower rule", fmt.Sprintf(group, ``), fmt.Sprintf(group, `{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8}`), nil},
		{
			"a rule of its own for everybody", `  X: {Type: "AWS::SNS::Topic"}`,
			`  X: {Type: "AWS::SNS::Topic"}
  In: {Type: "AWS::EC2::SecurityGroupIngress", Properties: {IpProtocol: "-1", CidrIp: 0.0.0.0/0}}`,
			[]string{"access-widened/Data/In: 0.0.0.0/0 reaches every port"},
		},
		{
			"public addresses", `  T: {Type: "AWS::EC2::LaunchTemplate", Properties: {LaunchTemplateData: {NetworkInterfaces: [{AssociatePublicIpAddress: false}]}}}`,
			`  T: {Type: "AWS::EC2::LaunchTemplate", Properties: {LaunchTemplateData: {NetworkInterfaces: [{AssociatePublicIpAddress: true}]}}}`,
			[]string{"access-widened/Data/T: instances get public addresses"},
		},
		{
			"a bucket for everybody", `  P: {Type: "AWS::S3::BucketPolicy", Properties: {PolicyDocument: {Statement: [{Effect: Deny, Principal: "*", Action: "s3:*", Resource: x}]}}}`,
			`  P: {Type: "AWS::S3::BucketPolicy", Properties: {PolicyDocument: {Statement: [{Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: x}]}}}`,
			[]string{"access-widened/Data/P: everybody may s3:GetObject on x to *; no longer denies s3:* on x to *"},
		},
		{
			"another action", fmt.Sprintf(role, `{Effect: Allow, Action: "s3:Get*", Resource: x}`),
			fmt.Sprintf(role, `{Effect: Allow, Action: ["s3:GetObject", "s3:PutObject"], Resource: x}`),
			[]string{"iam-widened/Data/R: allows s3:PutObject on x"},
		},
		{
			"a condition less", fmt.Sprintf(role, `{Effect: Allow, Action: a, Resource: x, Condition: {Bool: {c: "true"}}}`),
			fmt.Sprintf(role, `{Effect: Allow, Action: a, Resource: x}`),
			[]string{"iam-widened/Data/R: allows a on x"},
		},
		{
			"fewer permissions", fmt.Sprintf(role, `{Effect: Allow, Action: "*", Resource: "*"}`),
			fmt.Sprintf(role, `{Effect: Allow, Action: a, Resource: !GetAtt X.Arn}`), nil,
		},
		{
			"protection lifted",
			`  D: {Type: "AWS::RDS::DBCluster", DeletionPolicy: Snapshot, Properties: {DeletionProtection: true, BackupRetentionPeriod: 14, Engine: e}}`,
			`  D: {Type: "AWS::RDS::DBCluster", DeletionPolicy: Delete, Properties: {DeletionProtection: false, BackupRetentionPeriod: 7, Engine: e}}`,
			[]string{"protection-removed/Data/D: backup retention in days goes from 14 to 7; deletion protection goes from true to false; DeletionPolicy goes from Snapshot to Delete"},
		},
		{
			"a load balancer's protection lifted",
			`  L: {Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", Properties: {LoadBalancerAttributes: [{Key: deletion_protection.enabled, Value: "true"}]}}`,
			`  L: {Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", Properties: {LoadBalancerAttributes: [{Key: deletion_protection.enabled, Value: "false"}]}}`,
			[]string{"protection-removed/Data/L: deletion_protection.enabled goes from true to false"},
		},
		{
			"protection added", `  D: {Type: "AWS::RDS::DBCluster", Properties: {DeletionProtection: false}}`,
			`  D: {Type: "AWS::RDS::DBCluster", DeletionPolicy: Retain, Properties: {DeletionProtection: true}}`, nil,
		},
		{
			"less than half", `  N: {Type: "AWS::AutoScaling::AutoScalingGroup", Properties: {MinSize: "4", MaxSize: "8"}}`,
			`  N: {Type: "AWS::AutoScaling::AutoScalingGroup", Properties: {MinSize: "1", MaxSize: "4"}}`,
			[]string{"capacity-cut/Data/N: nodes at least fall from 4 to 1, below half"},
		},
		{
			"an older engine", `  D: {Type: "AWS::RDS::DBCluster", Properties: {EngineVersion: "17.11"}}`,
			`  D: {Type: "AWS::RDS::DBCluster", Properties: {EngineVersion: "17.9"}}`,
			[]string{"downgrade/Data/D: the engine goes back from 17.11 to 17.9, but its data cannot go back"},
		},
		{
			"an older Moodle", "  X: {Type: \"AWS::SNS::Topic\"}\nOutputs: {MoodleVersion: {Value: \"5.3\"}}", "  X: {Type: \"AWS::SNS::Topic\"}\nOutputs: {MoodleVersion: {Value: \"5.1.7\"}}",
			[]string{"downgrade/Data/MoodleVersion: Moodle goes back from 5.3 to 5.1.7, but its data cannot go back"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, f := range Check(change(t, resources(test.before), resources(test.after))) {
				got = append(got, f.Key()+": "+f.What)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAStackThatIsNewOpensNothing(t *testing.T) {
	f := Facts{Stacks: []Stack{{Path: address.Path{"Network"}, New: parse(t, resources(`  G: {Type: "AWS::EC2::SecurityGroup", Properties: {SecurityGroupIngress: [{IpProtocol: tcp, CidrIp: 0.0.0.0/0}]}}`))}}}
	if got := Check(f); got != nil {
		t.Errorf("findings on a first creation: %+v", got)
	}
}

func tree(action changeset.Action, fate changeset.PolicyAction) *changeset.Stack {
	return &changeset.Stack{Name: "site", Children: []*changeset.Stack{{Path: []string{"Data"}, Items: []changeset.Item{
		{Action: action, LogicalID: "Files", Type: "AWS::EFS::FileSystem", Stateful: true, PolicyAction: fate},
		{Action: changeset.Change, LogicalID: "Other", Type: "AWS::EFS::FileSystem", Stateful: true},
	}}}}
}

func TestDataLossIsFoundInNestedStacksWhateverBecomesOfTheData(t *testing.T) {
	for _, action := range []changeset.Action{changeset.Remove, changeset.Replace, changeset.PerhapsReplace, changeset.Dynamic} {
		for _, fate := range []changeset.PolicyAction{changeset.PolicyDelete, changeset.PolicyRetain, changeset.PolicySnapshot, changeset.PolicyUnknown} {
			got := Check(Facts{Changes: tree(action, fate)})
			if len(got) != 1 || got[0].Key() != "data-loss/Data/Files" {
				t.Errorf("%v with %q: %+v", action, fate, got)
			}
		}
	}
}

const exporter = `
Resources:
  Files: {Type: "AWS::EFS::FileSystem"}
Outputs:
  FilesId: {Value: !Ref Files, Export: {Name: site-data-FilesId}}
`

const importer = `Resources: {N: {Type: "AWS::SNS::Topic", Properties: {TopicName: !ImportValue site-data-FilesId}}}`

func TestAnImportedExportCanNeitherGoNorChange(t *testing.T) {
	data := Stack{Path: address.Path{"Data"}, Old: parse(t, exporter), New: parse(t, exporter)}
	app := Stack{Path: address.Path{"App"}, Old: parse(t, importer), New: parse(t, importer)}
	gone := Stack{Path: address.Path{"Data"}, Old: parse(t, exporter), New: parse(t, `Resources: {Files: {Type: "AWS::EFS::FileSystem"}}`)}
	for _, test := range []struct {
		name  string
		facts Facts
		want  string
		step  string
	}{
		{"replaced behind it", Facts{Changes: tree(changeset.Replace, changeset.PolicyRetain), Stacks: []Stack{data, app}},
			"export site-data-FilesId changes its value, since Files is replaced, and stack App imports it: CloudFormation will refuse it", "the way to it is a new site"},
		{"perhaps replaced behind it", Facts{Changes: tree(changeset.PerhapsReplace, changeset.PolicyRetain), Stacks: []Stack{data, app}}, "may change its value", "this change cannot be made on a deployed site yet"},
		{"removed while the tree imports it", Facts{Stacks: []Stack{gone, app}}, "export site-data-FilesId is removed, and stack App imports it", "the way to it is a new site"},
		{"removed while others import it", Facts{Stacks: []Stack{gone}, Importers: map[string][]string{"site-data-FilesId": {"reports"}}}, "is removed, and reports imports it", "reports is not of this site"},
		{"removed while the tree and others import it", Facts{Stacks: []Stack{gone, app}, Importers: map[string][]string{"site-data-FilesId": {"reports"}}}, "reports, stack App import it", "the way to it is a new site"},
		{"nobody imports it", Facts{Stacks: []Stack{gone}}, "", ""},
		{"nothing happens to it", Facts{Stacks: []Stack{data, app}}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []Finding
			for _, f := range Check(test.facts) {
				if f.Code == ExportInUse {
					got = append(got, f)
				}
			}
			if test.want == "" {
				if got != nil {
					t.Errorf("found %+v", got)
				}
				return
			}
			if len(got) != 1 || !strings.Contains(got[0].What, test.want) || !got[0].Fails || !strings.Contains(strings.Join(got[0].Steps, "\n"), test.step) {
				t.Errorf("found %+v\nwant one with %q that fails and has the step %q", got, test.want, test.step)
			}
		})
	}
}

// A gate is silent in no spelling of the export's value, of its name, or of the import.
func TestAnImportedExportIsFoundInEverySpelling(t *testing.T) {
	for _, value := range []string{"!Ref Files", "!GetAtt Files.Arn", "{Fn::GetAtt: Files.Arn}", "{Fn::GetAtt: [Files, Arn]}", "!Sub '${Files.Arn}'", "{Fn::Sub: ['${Files}']}"} {
		for _, importing := range []string{"!ImportValue site-data-FilesId", "{Fn::ImportValue: site-data-FilesId}", "{Fn::ImportValue: !Sub site-data-FilesId}"} {
			text := strings.Replace(exporter, "!Ref Files", value, 1)
			data := Stack{Path: address.Path{"Data"}, Old: parse(t, text), New: parse(t, text)}
			app := parse(t, strings.Replace(importer, "!ImportValue site-data-FilesId", importing, 1))
			found := Check(Facts{Changes: tree(changeset.Replace, changeset.PolicyRetain), Stacks: []Stack{data, {Path: address.Path{"App"}, Old: app, New: app}}})
			if !slices.ContainsFunc(found, func(f Finding) bool { return f.Code == ExportInUse && f.Fails }) {
				t.Errorf("%s, imported by %s: found %+v", value, importing, found)
			}
		}
	}
}

func TestAcceptance(t *testing.T) {
	findings := []Finding{{Code: DataLoss, Subject: "Data/Files"}, {Code: DataLoss, Subject: "Data/Database"}, {Code: CapacityCut, Subject: "App/Files"}}
	for _, test := range []struct{ accept, open, err string }{
		{`data-loss/Files="moving"`, "data-loss/Data/Database, capacity-cut/App/Files", ""},
		{`data-loss/Data/Files=moving to a snapshot`, "data-loss/Data/Database, capacity-cut/App/Files", ""},
		{`data-loss/Nothing=x`, "", "matches 0 findings of this plan"},
		{`data-loss/Files=`, "", "the reason is missing"},
		{`data-loss/Files`, "", "the reason is missing"},
		{`data-loss="x"`, "", "name the resource"},
		{`data-lost/Files="x"`, "", "there is no gate data-lost; there are access-widened"},
	} {
		a, err := ParseAcceptance(test.accept)
		var open []Finding
		if err == nil {
			open, err = Judge(findings, []Acceptance{a})
		}
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: error %v, want %q", test.accept, err, test.err)
			}
			continue
		}
		if err != nil || names(open) != test.open {
			t.Errorf("%s: still open %s (%v), want %s", test.accept, names(open), err, test.open)
		}
	}
}

func TestEachCodeIsExplained(t *testing.T) {
	for _, c := range []Code{DataLoss, ExportInUse, AccessWidened, IAMWidened, ProtectionRemoved, CapacityCut, Downgrade, Certificate, Quota, Drift, PendingChangeSet, NotStaged, Upgrade, NotOffered, RecordExists, ExportTaken, SchedulePast} {
		if Explain(c) == "" {
			t.Errorf("%s is not explained", c)
		}
	}
}

// Whatever a change does to resources with data, none that goes is left unnamed, and accepting all but one leaves that one.
func TestNothingWithDataGoesUnnamed(t *testing.T) {
	actions := []changeset.Action{changeset.Add, changeset.Change, changeset.Replace, changeset.PerhapsReplace, changeset.Remove, changeset.Import, changeset.Dynamic, changeset.Sync}
	fates := []changeset.PolicyAction{"", changeset.PolicyDelete, changeset.PolicyRetain, changeset.PolicySnapshot, changeset.PolicyUnknown}
	rapid.Check(t, func(t *rapid.T) {
		root := &changeset.Stack{Name: "site"}
		want := map[string]bool{}
		for s := range rapid.IntRange(1, 3).Draw(t, "stacks") {
			child := &changeset.Stack{Path: []string{fmt.Sprint("S", s)}}
			for i := range rapid.IntRange(0, 3).Draw(t, "items") {
				item := changeset.Item{LogicalID: fmt.Sprint("R", i), Type: "AWS::EFS::FileSystem", Stateful: rapid.Bool().Draw(t, "stateful"),
					Action: rapid.SampledFrom(actions).Draw(t, "action"), PolicyAction: rapid.SampledFrom(fates).Draw(t, "fate")}
				if item.Stateful && item.Action.MayRemoveExisting() {
					want[fmt.Sprintf("data-loss/S%d/R%d", s, i)] = true
				}
				child.Items = append(child.Items, item)
			}
			root.Children = append(root.Children, child)
		}
		got := map[string]bool{}
		findings := Check(Facts{Changes: root})
		var accepted []Acceptance
		for i, f := range findings {
			got[f.Key()] = true
			if i > 0 {
				accepted = append(accepted, Acceptance{Code: f.Code, Subject: f.Subject, Reason: "because"})
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if open, err := Judge(findings, accepted); err != nil || len(findings) > 0 && (len(open) != 1 || open[0].Key() != findings[0].Key()) {
			t.Fatalf("open %v (%v)", names(open), err)
		}
	})
}
