package deploy

import (
	"context"
	"errors"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

func TestLogsThatServicesMakeAreNotKeptForEver(t *testing.T) {
	const group = "/aws/rds/cluster/c/postgresql"
	outputs := []cfn.StackOutputs{
		{Outputs: []cfn.Output{{Key: "Address", Value: "a"}}},
		{Outputs: []cfn.Output{{Key: "DatabaseLogDays", Value: "14"}, {Key: "DatabaseLogGroup", Value: group}}},
	}
	set := map[string]int{}
	target := &Target{
		Site:       &manifest.Site{Manifest: &manifest.Manifest{Region: "eu-central-1"}},
		RetainLogs: func(_ context.Context, group string, days int) error { set[group] = days; return nil },
	}
	if err := target.retainLogs(t.Context(), outputs); err != nil || len(set) != 1 || set[group] != 14 {
		t.Errorf("set %v, %v", set, err)
	}
	target.RetainLogs = func(context.Context, string, int) error { return errors.New("AccessDenied") }
	err := target.retainLogs(t.Context(), outputs)
	if outcome.CodeOf(err) != outcome.Failed || !strings.Contains(outcome.AdviceOf(err), "--log-group-name "+group+" --retention-in-days 14") {
		t.Errorf("got %v, advice %q", err, outcome.AdviceOf(err))
	}
}
