package pullrequest

import (
	"fmt"
	"testing"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
)

// BenchmarkWrite writes 2,000 changes in 40 nested stacks, a quarter of them on what holds data, as a comment: at most 50 ms.
func BenchmarkWrite(b *testing.B) {
	root := &changeset.Stack{Name: "site", Action: changeset.Change}
	for s := range 40 {
		stack := &changeset.Stack{Path: []string{fmt.Sprint("Stack", s)}, Action: changeset.Change}
		for i := range 50 {
			stack.Items = append(stack.Items, changeset.Item{
				Action:    []changeset.Action{changeset.Add, changeset.Change, changeset.Replace, changeset.Remove}[i%4],
				LogicalID: fmt.Sprint("Thing", i), Type: "AWS::RDS::DBCluster", Stateful: i%4 > 1, PolicyAction: changeset.PolicyDelete,
				Properties: []changeset.Property{{Path: "Properties/Engine", Before: "a", After: "b", HasValues: true, Recreation: changeset.Always}},
			})
		}
		root.Children = append(root.Children, stack)
	}
	findings := gate.Check(gate.Facts{Changes: root})
	plan := &plan.Plan{
		Manifest: &manifest.Manifest{Site: "site", Environment: "dev"}, Account: "123456789012", By: "",
		Changes: root, Findings: findings,
	}
	length := 0
	for b.Loop() {
		length = len(Write(plan, Limit))
	}
	b.ReportMetric(float64(length), "characters")
	b.ReportMetric(float64(len(findings)), "findings")
}
