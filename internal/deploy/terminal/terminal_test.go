package terminal_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/inventory"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/diagnosis"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/manifest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden holds what was printed against testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// screen is a terminal that keeps what was printed.
func screen() (*terminal.Terminal, *bytes.Buffer, *bytes.Buffer) {
	var out, err bytes.Buffer
	return &terminal.Terminal{Out: &out, Err: &err}, &out, &err
}

var site = &manifest.Manifest{
	Environment: "prod", Source: "environments/prod.yaml", Site: "moodle-prod", Region: "eu-central-1", Production: true,
	Stacks: []manifest.Stack{{Name: "network", LogicalID: "Network"}, {Name: "data", LogicalID: "Data"}, {Name: "app", LogicalID: "App"}},
}

var caller = account.Caller{Account: "123456789012", ARN: "arn:aws:sts::123456789012:assumed-role/Admin/jane"}

// dangerous is an update with some of everything.
func dangerous() *changeset.Stack {
	return &changeset.Stack{Name: "moodle-prod", Action: changeset.Change, Children: []*changeset.Stack{
		{Path: []string{"Data"}, Action: changeset.Change, Items: []changeset.Item{
			{Action: changeset.Change, LogicalID: "DatabaseWriter", Type: "AWS::RDS::DBInstance", Uncertain: true, Properties: []changeset.Property{
				{Path: "Properties/DBClusterIdentifier", Dynamic: true, Cause: "Database"},
			}},
			{Action: changeset.Replace, LogicalID: "Database", Type: "AWS::RDS::DBCluster", Stateful: true, PolicyAction: changeset.PolicySnapshot, Properties: []changeset.Property{
				{Path: "Properties/StorageEncrypted", Before: "false", After: "true", HasValues: true, Recreation: changeset.Always},
				{Path: "Properties/MasterUserPassword", Before: "(hidden)", After: "(hidden)", HasValues: true},
			}},
			{Action: changeset.Remove, LogicalID: "FileSystem", Type: "AWS::EFS::FileSystem", Stateful: true, PolicyAction: changeset.PolicyDelete},
			{Action: changeset.PerhapsReplace, LogicalID: "DataKey", Type: "AWS::KMS::Key", Stateful: true, PolicyAction: changeset.PolicyRetain, Properties: []changeset.Property{
				{Path: "Properties/KeySpec", After: "(known after apply)", Before: "SYMMETRIC_DEFAULT", HasValues: true, Recreation: changeset.Always, Dynamic: true},
			}},
		}},
		{Path: []string{"App"}, Action: changeset.Change, Note: "No export named moodle-prod-data-X", Items: []changeset.Item{
			{Action: changeset.Add, LogicalID: "ExamWeek", Type: "AWS::AutoScaling::ScheduledAction"},
			{Action: changeset.Change, LogicalID: "NodeGroup", Type: "AWS::AutoScaling::AutoScalingGroup", Properties: []changeset.Property{
				{Path: "Properties/MaxSize", Before: "4", After: "8", HasValues: true},
				{Path: "Properties/UserData", Before: "a\nb\nc", After: "a\nb\nc\nd", HasValues: true, Recreation: changeset.Conditionally},
				{
					Path: "Properties/MixedInstancesPolicy", HasValues: true, Before: `{"LaunchTemplate": {"Overrides": [{"InstanceType": "t4g.medium"}]}, "Same": "x"}`,
					After: `{"LaunchTemplate": {"Overrides": [{"InstanceType": "t4g.large"}, {"InstanceType": "m7g.large"}]}, "Same": "x"}`,
				},
				{Path: "UpdatePolicy", After: strings.Repeat("long ", 20), HasValues: true},
			}},
			{Action: changeset.Replace, LogicalID: "Nodes", Type: "AWS::ElasticLoadBalancingV2::TargetGroup", PolicyAction: changeset.PolicyDelete, Properties: []changeset.Property{
				{Path: "Properties/Port", Before: "80", After: "8080", HasValues: true, Recreation: changeset.Always},
			}},
			{Action: changeset.Dynamic, LogicalID: "Odd", Type: "Custom::Odd", PolicyAction: changeset.PolicyUnknown},
		}},
	}}
}

func TestPlanGolden(t *testing.T) {
	for name, changes := range map[string]*changeset.Stack{
		"plan-dangerous.txt": dangerous(),
		"plan-create.txt": {Name: "moodle-prod", Action: changeset.Change, Children: []*changeset.Stack{
			{Path: []string{"Network"}, Action: changeset.Add, Items: []changeset.Item{
				{Action: changeset.Add, LogicalID: "Vpc", Type: "AWS::EC2::VPC"}, {Action: changeset.Add, LogicalID: "PublicRoutes", Type: "AWS::EC2::RouteTable"},
			}},
			{Path: []string{"Data"}, Action: changeset.Add, Items: []changeset.Item{{Action: changeset.Add, LogicalID: "FileSystem", Type: "AWS::EFS::FileSystem"}}},
			{Path: []string{"App"}, Action: changeset.Add, Items: []changeset.Item{{Action: changeset.Add, LogicalID: "NodeGroup", Type: "AWS::AutoScaling::AutoScalingGroup"}}},
		}},
		"plan-stack-removed.txt": {Name: "moodle-prod", Action: changeset.Change, Items: []changeset.Item{
			{Action: changeset.Remove, LogicalID: "Cache", Type: "AWS::CloudFormation::Stack", Stateful: true, PolicyAction: changeset.PolicyUnknown},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			terminal, out, err := screen()
			terminal.Plan(&plan.Plan{Manifest: site, Account: caller.Account, By: caller.ARN, Changes: changes}, caller)
			if out.Len() > 0 {
				t.Errorf("a plan is no result of up, but standard output got %q", out)
			}
			golden(t, name, err.Bytes())
		})
	}
}

func TestPlanColoured(t *testing.T) {
	terminal, _, err := screen()
	terminal.Paint = true
	terminal.Plan(&plan.Plan{Manifest: site, Account: caller.Account, By: caller.ARN, Changes: dangerous()}, caller)
	golden(t, "plan-coloured.txt", err.Bytes())
}

func TestCourseGolden(t *testing.T) {
	began := time.Date(2027, 2, 1, 5, 0, 0, 0, time.UTC)
	const stack = "AWS::CloudFormation::Stack"
	screen, _, err := screen()
	course := &terminal.Progress{Terminal: screen}
	for _, e := range []events.Event{
		{StackID: "r", PhysicalID: "r", StackName: "moodle-prod", LogicalID: "moodle-prod", Type: stack, Status: "CREATE_IN_PROGRESS", Reason: "User Initiated"},
		{StackID: "r", PhysicalID: "d", LogicalID: "Data", Type: stack, Status: "CREATE_IN_PROGRESS"},
		{StackID: "r", PhysicalID: "d", LogicalID: "Data", Type: stack, Status: "CREATE_IN_PROGRESS", Reason: "Resource creation Initiated"},
		{StackID: "d", PhysicalID: "d", Path: []string{"Data"}, StackName: "moodle-prod-Data-1", LogicalID: "moodle-prod-Data-1", Type: stack, Status: "CREATE_IN_PROGRESS"},
		{StackID: "d", Path: []string{"Data"}, LogicalID: "Database", Type: "AWS::RDS::DBCluster", Status: "CREATE_IN_PROGRESS"},
		{StackID: "d", Path: []string{"Data"}, LogicalID: "FileSystem", Type: "AWS::EFS::FileSystem", Status: "CREATE_COMPLETE"},
		{StackID: "d", Path: []string{"Data"}, LogicalID: "Database", Type: "AWS::RDS::DBCluster", Status: "CREATE_FAILED", Reason: "Cannot find version 16.6 for aurora-postgresql"},
		{StackID: "d", Path: []string{"Data"}, LogicalID: "MountTargetA", Type: "AWS::EFS::MountTarget", Status: "CREATE_FAILED", Reason: "Resource creation cancelled"},
		{StackID: "r", PhysicalID: "r", StackName: "moodle-prod", LogicalID: "moodle-prod", Type: stack, Status: "ROLLBACK_IN_PROGRESS", Reason: "The following resource(s) failed to create: [Data]. Rollback requested by user."},
		{StackID: "r", PhysicalID: "r", StackName: "moodle-prod", LogicalID: "moodle-prod", Type: stack, Status: "ROLLBACK_COMPLETE"},
	} {
		e.Time, began = began, began.Add(17*time.Second)
		course.Event(e)
	}
	cause := events.Event{ID: "1", Path: []string{"Data"}, LogicalID: "Database", Type: "AWS::RDS::DBCluster", Status: "CREATE_FAILED", Reason: "Cannot find version 16.6 for aurora-postgresql"}
	course.Failed(operation.Failure{
		Site:            "moodle-prod",
		Diagnosis:       diagnosis.Explain(cause, nil, diagnosis.Place{Environment: "prod", Site: "moodle-prod", Region: "eu-central-1"}),
		FailedDeletions: []events.Event{{Path: []string{"Data"}, LogicalID: "FileSystem", Type: "AWS::EFS::FileSystem", Reason: "it has mount targets"}},
	})
	code := screen.Fail(outcome.Errorf(outcome.RolledBack, "the creation of moodle-prod failed and was rolled back").Advise("remove the cause\nand try again"))
	if code != 4 {
		t.Errorf("exit code %d, want 4", code)
	}
	golden(t, "course.txt", err.Bytes())
}

var given = []cfn.StackOutputs{
	{Name: "moodle-prod", Outputs: []cfn.Output{{Key: "Address", Value: "https://moodle.example.edu"}}},
	{Path: []string{"Network"}, Name: "moodle-prod-Network-1", Outputs: []cfn.Output{
		{Key: "VpcId", Value: "vpc-1", Export: "moodle-prod-network-VpcId"},
		{Key: "LogKeyArn", Value: "arn:aws:kms:eu-central-1:123456789012:key/2f08894a-7367-400f-9237-98b2509b8bb9", Export: "moodle-prod-network-LogKeyArn"},
	}},
}

func TestOutputsGolden(t *testing.T) {
	screen, out, err := screen()
	screen.Outputs(given)
	golden(t, "outputs.txt", out.Bytes())
	if err.Len() > 0 {
		t.Errorf("outputs are a result, but standard error got %q", err)
	}
	out.Reset()
	if err := terminal.WriteOutputsJSON(out, given); err != nil {
		t.Fatal(err)
	}
	golden(t, "outputs.json", out.Bytes())
}

func TestInventoryGolden(t *testing.T) {
	screen, _, err := screen()
	data := []string{"Data"}
	screen.Inventory(&inventory.Inventory{Site: "moodle-prod", Stacks: 4, Holdings: []inventory.Holding{
		{Path: data, LogicalID: "Secret", Type: "AWS::SecretsManager::Secret", PhysicalID: "arn:secret", PolicyAction: changeset.PolicyDelete, Stateful: true},
		{Path: data, LogicalID: "Database", Type: "AWS::RDS::DBCluster", PhysicalID: "db-1", PolicyAction: changeset.PolicySnapshot, Stateful: true},
		{Path: data, LogicalID: "FileSystem", Type: "AWS::EFS::FileSystem", PhysicalID: "fs-1", PolicyAction: changeset.PolicyRetain, Stateful: true},
		{Path: []string{"App"}, LogicalID: "NodeGroup", Type: "AWS::AutoScaling::AutoScalingGroup", PhysicalID: "g", PolicyAction: changeset.PolicyDelete},
	}})
	golden(t, "inventory.txt", err.Bytes())
}

func TestAsking(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "yes\n": true, "YES\n": true, "n\n": false, "\n": false, "": false, "yep\n": false} {
		var question bytes.Buffer
		asked := &terminal.Terminal{In: strings.NewReader(answer), Tty: &question}
		if got, err := asked.Confirm(t.Context(), "Create moodle-prod?"); got != want || err != nil {
			t.Errorf("%q is %v, %v", answer, got, err)
		}
		if question.String() != "Create moodle-prod? [y/N] " {
			t.Errorf("asked %q", question.String())
		}
	}
}

func TestNobodyToAsk(t *testing.T) {
	nobody := &terminal.Terminal{}
	err := nobody.CanAsk("--yes")
	if outcome.CodeOf(err) != outcome.Refused || !strings.Contains(outcome.AdviceOf(err), "--yes") {
		t.Errorf("got %v, %s", err, outcome.AdviceOf(err))
	}
	if _, err := nobody.Type(t.Context(), "Type it:", "moodle-prod", ""); outcome.CodeOf(err) != outcome.Refused {
		t.Errorf("got %v", err)
	}
}

func TestAnInterruptEndsAQuestion(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	asked := &terminal.Terminal{In: reader, Tty: &bytes.Buffer{}}
	if _, err := asked.Confirm(ctx, "Create moodle-prod?"); outcome.CodeOf(err) != outcome.Interrupted {
		t.Errorf("got %v", err)
	}
}
