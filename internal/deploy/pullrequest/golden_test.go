package pullrequest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/manifest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// rich is a plan with some of everything.
func rich() *plan.Plan {
	root := &changeset.Stack{
		Name: "moodle-prod", StackID: "arn:root", ChangeSetID: "arn:plan", Action: changeset.Change,
		Items: []changeset.Item{{Action: changeset.Remove, LogicalID: "Archive", PhysicalID: "arn:archive", Type: "AWS::CloudFormation::Stack", Stateful: true, PolicyAction: changeset.PolicyUnknown}},
		Children: []*changeset.Stack{
			{Path: []string{"Network"}, Name: "moodle-prod-Network-1", Action: changeset.Sync},
			{Path: []string{"Data"}, Name: "moodle-prod-Data-1", StackID: "arn:data", Action: changeset.Change, Items: richData()},
			{Path: []string{"App"}, Name: "moodle-prod-App-1", StackID: "arn:app", Action: changeset.Change, Note: "No export named <moodle-prod-data-New>", Items: richApp()},
		},
	}
	findings := []gate.Finding{
		{Code: gate.DataLoss, Subject: "Archive", What: "the stack is removed with all that is in it: Papers (AWS::S3::Bucket)", Steps: []string{"make a backup, and test that it can be restored"}, LastResort: "accept it by name, with the reason"},
		{Code: gate.DataLoss, Subject: "Data/Database", What: "AWS::RDS::DBCluster is replaced by a new, empty one; the old one, with its data, is deleted after a snapshot", LastResort: "accept it by name, with the reason"},
		{Code: gate.ExportInUse, Subject: "Data/Endpoint", What: "export moodle-prod-data-Endpoint changes its value, since Database is replaced, and stack App imports it: CloudFormation will refuse it", Fails: true},
		{Code: gate.AccessWidened, Subject: "App/Balancers", What: "0.0.0.0/0 reaches port 22", Steps: []string{"use a narrower range, group or principal"}},
	}
	accepted := []gate.Acceptance{{Code: gate.DataLoss, Subject: "Archive", Reason: "papers are on @registry's tape"}}
	return &plan.Plan{
		Manifest: &manifest.Manifest{
			Version: manifest.Version, Environment: "prod", Source: "environments/prod.yaml", Site: "moodle-prod", Region: "eu-central-1", Production: true,
			Stacks: []manifest.Stack{{Name: "network", LogicalID: "Network"}, {Name: "data", LogicalID: "Data"}, {Name: "app", LogicalID: "App"}},
		},
		Account: "123456789012", By: "arn:aws:sts::123456789012:assumed-role/Admin/jane", Region: "eu-central-1", StackID: "arn:root",
		Changes: root, Findings: findings, Accepted: accepted,
		Opens: []string{"App/Balancers: 0.0.0.0/0 reaches port 443"}, Notes: []string{"there is another plan: deploy-20261124 (by jane)"},
	}
}

func richData() []changeset.Item {
	return []changeset.Item{
		{Action: changeset.Replace, LogicalID: "Database", PhysicalID: "db-1", Type: "AWS::RDS::DBCluster", Stateful: true, PolicyAction: changeset.PolicySnapshot, Properties: []changeset.Property{
			{Path: "Properties/StorageEncrypted", Before: "false", After: "true", HasValues: true, Recreation: changeset.Always},
			{Path: "Properties/MasterUserPassword", Before: "(hidden)", After: "{{resolve:secretsmanager:a}}", HasValues: true},
		}},
		{Action: changeset.PerhapsReplace, LogicalID: "Writer", Type: "AWS::RDS::DBInstance", Stateful: true, PolicyAction: changeset.PolicyDelete, Uncertain: true, Properties: []changeset.Property{
			{Path: "Properties/DBClusterIdentifier", Dynamic: true, Recreation: changeset.Always, Cause: "Database"},
		}},
		{Action: changeset.Change, LogicalID: "Backups", Type: "AWS::Backup::BackupPlan", Properties: []changeset.Property{
			{Path: "Properties/BackupPlan/Schedule", Before: "cron(0 3 * * ? *)", After: "cron(0 4 * * ? *)", HasValues: true},
		}},
	}
}

func richApp() []changeset.Item {
	return []changeset.Item{
		{Action: changeset.Add, LogicalID: "ExamWeek", Type: "AWS::AutoScaling::ScheduledAction"},
		{Action: changeset.Change, LogicalID: "Template", Type: "AWS::EC2::LaunchTemplate", Properties: []changeset.Property{
			{Path: "Properties/LaunchTemplateData/UserData", Before: "#!/bin/sh\necho `one`", After: "#!/bin/sh\necho ```two", HasValues: true},
		}},
		{Action: changeset.Dynamic, LogicalID: "Odd", Type: "Custom::Odd", PolicyAction: changeset.PolicyUnknown},
	}
}

// uncheck makes a plan one that CloudFormation could not make.
func uncheck(p *plan.Plan) *plan.Plan {
	p.Fallback = &plan.Fallback{
		Reason:   "CloudFormation can't plan moodle-prod/App: No export named moodle-prod-data-New found",
		Deployed: map[string]string{"Data": "d1", "App": "a1", "Network": "n1", "Archive": "x1"},
	}
	children := append([]*changeset.Stack{}, p.Changes.Children...)
	children = append(children, &changeset.Stack{Path: []string{"Archive"}, Action: changeset.Remove, Items: []changeset.Item{
		{Action: changeset.Remove, LogicalID: "Papers", Type: "AWS::S3::Bucket", Stateful: true, PolicyAction: changeset.PolicyRetain},
	}})
	root := *p.Changes
	root.Children = children
	for i, child := range root.Children {
		unchecked := *child
		unchecked.Unchecked, unchecked.Note = true, ""
		root.Children[i] = &unchecked
	}
	p.Changes = &root
	return p
}

// TestOnePlanInEveryRendering shows one plan on the terminal, in a comment, in one that is cut, and as a document; and the same where
// CloudFormation has not checked it, which all of them say.
func TestOnePlanInEveryRendering(t *testing.T) {
	for name, p := range map[string]*plan.Plan{"plan": rich(), "unchecked": uncheck(rich())} {
		var screen bytes.Buffer
		terminal.WriteWholePlan(&screen, false, p, account.Caller{Account: p.Account, ARN: p.By})
		document := p
		document.Made = time.Date(2026, 11, 24, 17, 0, 0, 0, time.UTC)
		text, err := plan.Encode(document)
		if err != nil {
			t.Fatal(err)
		}
		for file, got := range map[string]string{
			name + ".txt": screen.String(), name + ".md": Write(p, Limit), name + "-short.md": Write(p, 2500), name + "-shortest.md": Write(p, 0),
			name + ".json": string(text),
		} {
			golden(t, file, got)
			said := strings.Contains(strings.ToLower(got), "not checked by cloudformation") || strings.Contains(got, `"unchecked": true`)
			if said != (name == "unchecked") {
				t.Errorf("%s says that CloudFormation has not checked it: %v", file, said)
			}
		}
	}
}
