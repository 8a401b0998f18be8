package deploy

import (
	"context"
	"strconv"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/stateful"
)

// retainLogs sets the retention of the log groups that services make themselves, which the stacks name in outputs. Without
// it they are kept for ever.
func (t *Target) retainLogs(ctx context.Context, outputs []cfn.StackOutputs) error {
	for _, s := range outputs {
		said := map[string]string{}
		for _, o := range s.Outputs {
			said[o.Key] = o.Value
		}
		group, given := said[stateful.LogGroupOutput]
		if !given {
			continue
		}
		days, err := strconv.Atoi(said[stateful.LogDaysOutput])
		if err == nil {
			err = t.RetainLogs(ctx, group, days)
		}
		if err != nil {
			return outcome.Errorf(outcome.Failed, "deployed, but the log group %s is kept for ever: %w", group, err).
				Advise("aws logs put-retention-policy --region %s --log-group-name %s --retention-in-days %s", t.Site.Region, group, said[stateful.LogDaysOutput])
		}
	}
	return nil
}
