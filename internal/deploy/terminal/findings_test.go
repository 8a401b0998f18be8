package terminal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/terminal"
)

// template reads one of testdata/findings.
func parse(t *testing.T, text string) *template.Template {
	t.Helper()
	if content, err := os.ReadFile(filepath.Join("testdata", "findings", text)); err == nil {
		text = string(content)
	}
	m, err := template.Parse("template.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// everyGate is what gates say of a plan in which each finds something.
func everyGate(t *testing.T) []gate.Finding {
	t.Helper()
	files := changeset.Item{Action: changeset.Replace, LogicalID: "Files", Type: "AWS::EFS::FileSystem", Stateful: true, PolicyAction: changeset.PolicyRetain}
	return gate.Check(gate.Facts{
		Manifest: site,
		Changes:  &changeset.Stack{Children: []*changeset.Stack{{Path: []string{"Data"}, Action: changeset.Change, Items: []changeset.Item{files}}}},
		Stacks: []gate.Stack{
			{Path: address.Path{"Data"}, Old: parse(t, "data-old.yaml"), New: parse(t, "data-new.yaml")},
			{Path: address.Path{"App"}, Old: parse(t, `{Outputs: {MoodleVersion: {Value: "5.2"}}}`), New: parse(t, `{Outputs: {MoodleVersion: {Value: "5.3"}}}`)},
		},
		Importers: map[string][]string{"moodle-prod-data-FilesId": {"reports"}},
		Observed: []gate.Finding{
			{Code: gate.Certificate, Subject: "App/Certificate", What: "example.edu is not delegated, so its certificate could never be validated", Steps: []string{"at the registrar, set its NS records"}},
			{Code: gate.Certificate, Subject: "App/Certificate", What: "the CAA records of example.edu forbid Amazon to issue it", Steps: []string{"add a CAA record"}},
			{Code: gate.Quota, Subject: "Network/Vpc", What: "the account uses 5 of 5 VPCs in a region, and 1 more would be created", Steps: []string{"ask for more", "or delete those that nobody needs"}},
			{Code: gate.NotOffered, Subject: "Network/PublicSubnetB", What: "this account has no zone eu-central-1f in the region", Fails: true, Steps: []string{"correct network.zones in the environment file; there are eu-central-1a, eu-central-1b"}},
			{Code: gate.RecordExists, Subject: "App/AliasIpv4", What: "hosted zone Z1 has a record moodle.example.edu A already (192.0.2.1), and CloudFormation does not take over a record", Fails: true, Steps: []string{"set domain.record to none in the environment file", "or delete the record"}},
			{Code: gate.ExportTaken, Subject: "Network/VpcId", What: "stack other of this account and region exports moodle-prod-network-VpcId already", Fails: true, Steps: []string{"give the site another name: site in the environment file"}},
			{Code: gate.SchedulePast, Subject: "App/ScheduleExam", What: "it begins at 2027-01-15 05:45 UTC, and it is 2027-02-01 12:00 UTC: Auto Scaling takes no planned size that begins in the past", Fails: true, Steps: []string{"remove it from application.schedules in the environment file, or give it a later start"}},
			{Code: gate.Drift, Subject: "Data/Database", What: "it was changed by hand, outside CloudFormation: modified", Steps: []string{"see what differs with: deploy drift"}},
			{Code: gate.NotStaged, Subject: "nodes", What: "new nodes could not start, because what they need from outside AWS is missing: efs-utils (no checksum is known for efs-utils)", Steps: []string{"look the digests up"}},
			{Code: gate.Expired, Subject: "database-certificates", What: "new nodes could not connect to a server whose certificate is of Amazon RDS eu-central-1 Root CA RSA2048 G1 (database-certificates): it expired on 2061-05-21", Steps: []string{"run deploy lock prod, review the lock, and generate the folder again"}},
			{Code: gate.PendingChangeSet, Subject: "by-hand", What: "change set by-hand waits on stack moodle-prod since 2026-05-04 10:00 UTC", Steps: []string{"ask whoever made it", "delete it"}},
		},
	})
}

// What an administrator reads of every gate: what stands open, with its steps, and what was accepted, with the reason.
func TestEveryGateAsItIsRead(t *testing.T) {
	found := everyGate(t)
	for _, code := range gate.Codes() {
		if !slices.ContainsFunc(found, func(f gate.Finding) bool { return string(f.Code) == code }) {
			t.Errorf("%s finds nothing, so nobody sees how it reads", code)
		}
	}
	accepted := []gate.Acceptance{
		{Code: gate.DataLoss, Subject: "Data/Files", Reason: "all files lie in the new one already"},
		{Code: gate.CapacityCut, Subject: "Database", Reason: "holidays"},
	}
	var out bytes.Buffer
	terminal.WriteWholePlan(&out, false, &plan.Plan{
		Manifest: site, Account: caller.Account, By: caller.ARN, Changes: &changeset.Stack{Name: site.Site}, Findings: found, Accepted: accepted,
	}, caller)
	golden(t, "findings.txt", out.Bytes())
}
