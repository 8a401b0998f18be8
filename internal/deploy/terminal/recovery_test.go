package terminal_test

import (
	"testing"
	"time"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/drift"
	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/deploy/recovery"
	"distributed-moodle/internal/deploy/terminal"
)

// A rollback that two resources of two stacks hold up; a third was only cancelled, and a fourth failed in the update itself.
func TestWayView(t *testing.T) {
	failed := func(id, kind, reason string) events.Event {
		return events.Event{LogicalID: id, Type: kind, Status: "UPDATE_FAILED", Reason: reason}
	}
	state := recovery.State{Site: "moodle-prod", Environment: "prod", Production: true, Stacks: []recovery.Stack{
		{Stack: cfn.Stack{Name: "moodle-prod", Status: "UPDATE_ROLLBACK_FAILED"}, RollbackEvents: []events.Event{failed("Data", "AWS::CloudFormation::Stack", "Embedded stack")}},
		{Path: []string{"App"}, Stack: cfn.Stack{Name: "moodle-prod-App-1X", Status: "UPDATE_ROLLBACK_FAILED"}, RollbackEvents: []events.Event{
			failed("Group", "AWS::AutoScaling::AutoScalingGroup", "Received 0 SUCCESS signal(s) out of 2"), failed("Balancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", "Resource update cancelled"),
		}},
		{Path: []string{"Data"}, Stack: cfn.Stack{Name: "moodle-prod-Data-2Y", Status: "UPDATE_ROLLBACK_FAILED"}, RollbackEvents: []events.Event{
			failed("Database", "AWS::RDS::DBCluster", "The cluster is stopped"), {LogicalID: "Key", Status: "UPDATE_COMPLETE"}, failed("Key", "AWS::KMS::Key", "earlier"),
		}},
	}}
	way, err := recovery.Choose(state, []string{"moodle-prod-App-1X.Group"})
	if err != nil {
		t.Fatal(err)
	}
	term, _, stderr := screen()
	term.Remedy("moodle-prod", way)
	golden(t, "recover.txt", stderr.Bytes())
}

// A production site's failed first creation.
func TestWayViewOfAProtectedSite(t *testing.T) {
	state := recovery.State{Site: "moodle-prod", Environment: "prod", Production: true, Stacks: []recovery.Stack{
		{Stack: cfn.Stack{ID: "arn:root", Name: "moodle-prod", Status: "ROLLBACK_FAILED", Protected: true}},
		{
			Path: []string{"Data"}, Stack: cfn.Stack{Name: "moodle-prod-Data-2Y", Status: "DELETE_FAILED"},
			Resources: []cfn.Resource{{LogicalID: "Database", PhysicalID: "db", Type: "AWS::RDS::DBCluster", Status: "DELETE_FAILED", Reason: "Cannot delete protected Cluster"}},
			Template:  parse(t, "Resources: {Database: {Type: AWS::RDS::DBCluster, Properties: {DeletionProtection: true}}}"),
		},
	}}
	way, err := recovery.Choose(state, nil)
	if err != nil {
		t.Fatal(err)
	}
	term, _, stderr := screen()
	term.Remedy("moodle-prod", way)
	golden(t, "recover-protected.txt", stderr.Bytes())
}

func TestDriftView(t *testing.T) {
	report := &drift.Report{
		Version: 1, Site: "moodle-prod", Resources: 71, Seen: 69,
		Drifted: []drift.Resource{
			{Name: "Data/Database", Type: "AWS::RDS::DBCluster", PhysicalID: "moodle-db", Status: "MODIFIED", Properties: []drift.Property{
				{Path: "BackupRetentionPeriod", Kind: "NOT_EQUAL", Expected: "35", Actual: "1"}, {Path: "MasterUserPassword", Kind: "ADD", Expected: "(hidden)", Actual: "(hidden)"},
			}},
			{Name: "Network/ApplicationSecurityGroup", Type: "AWS::EC2::SecurityGroup", PhysicalID: "sg-1", Status: "DELETED"},
		},
		Unseen: []drift.Unseen{
			{Name: "App/Budget", Type: "AWS::Budgets::Budget", Reason: "CloudFormation can't detect drift of this type"},
			{Name: "Data/Selection", Type: "AWS::Backup::BackupSelection", Reason: "CloudFormation can't detect drift of this type"},
		},
	}
	term, out, _ := screen()
	term.Drift(report)
	golden(t, "drift.txt", out.Bytes())
	out.Reset()
	if err := terminal.WriteDriftJSON(out, report); err != nil {
		t.Fatal(err)
	}
	golden(t, "drift.json", out.Bytes())
}

// What a log holds steers no terminal.
func TestLogLineIsPlain(t *testing.T) {
	term, out, _ := screen()
	term.LogLine(nodes.Line{Time: time.Date(2027, 1, 1, 3, 0, 0, 5e6, time.UTC), Stream: "i-1/php", Text: "\x1b[31mred\x1b]0;title\a \x00text\tend\r\n"})
	if want := "2027-01-01 03:00:00.005  i-1/php  red \\u0000text\tend\n"; out.String() != want {
		t.Errorf("got %q", out.String())
	}
}
