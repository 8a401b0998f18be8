package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"distributed-moodle/internal/deploy/artifact"
	"distributed-moodle/internal/deploy/outcome"
)

// record writes into the site's bucket who passed which gates and why, and who deploys what CloudFormation has not checked, before
// anything happens.
func (u *Up) record(ctx context.Context, plan *Plan) error {
	if len(plan.Accepted) == 0 && plan.Fallback == nil {
		return nil
	}
	now := time.Now().UTC()
	entry := map[string]any{
		"version": 1, "site": plan.Manifest.Site, "environment": plan.Manifest.Environment, "account": plan.Caller.Account,
		"time": now.Format(time.RFC3339), "by": plan.Caller.ARN, "changeSet": plan.Changes.ChangeSetID, "accepted": plan.Accepted,
	}
	if plan.Fallback != nil {
		entry["fallback"] = plan.Fallback
	}
	content, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("accepted/%s-%s.json", now.Format("20060102-150405"), u.Token)
	_, err = u.Bucket(plan.Caller).Keep(ctx, []artifact.Object{{Key: key, Content: append(content, '\n'), Type: "application/json"}}, false)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "write down why gates were passed: %w", err).Advise("nothing was deployed; try again")
	}
	return nil
}
