package terminal_test

import (
	"fmt"
	"io"
	"testing"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/manifest"
)

// BenchmarkWritePlan shows 2,000 changes in 40 nested stacks: at most 50 ms.
func BenchmarkWritePlan(b *testing.B) {
	root := &changeset.Stack{Name: "site", Action: changeset.Change}
	for s := range 40 {
		stack := &changeset.Stack{Path: []string{fmt.Sprint("Stack", s)}, Action: changeset.Change}
		for i := range 50 {
			stack.Items = append(stack.Items, changeset.Item{
				Action:    []changeset.Action{changeset.Add, changeset.Change, changeset.Replace, changeset.Remove}[i%4],
				LogicalID: fmt.Sprint("Thing", i), Type: "AWS::RDS::DBCluster", Stateful: i%8 == 0, PolicyAction: changeset.PolicyDelete,
				Properties: []changeset.Property{{Path: "Properties/Engine", Before: "a", After: "b", HasValues: true, Recreation: changeset.Always}},
			})
		}
		root.Children = append(root.Children, stack)
	}
	shown := &plan.Plan{Manifest: &manifest.Manifest{Site: "site", Region: "eu-central-1"}, Changes: root}
	for b.Loop() {
		terminal.WriteWholePlan(io.Discard, true, shown, account.Caller{})
	}
}
