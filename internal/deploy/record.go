package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/outcome"
)

// record writes into the site's bucket who passed which gates and why, and who deploys what CloudFormation has not
// checked, before anything happens.
func (e *executor) record(ctx context.Context, draft *draft) error {
	if len(draft.Accepted) == 0 && draft.Fallback == nil {
		return nil
	}
	now := time.Now().UTC()
	entry := map[string]any{
		"version": 1, "site": draft.Manifest.Site, "environment": draft.Manifest.Environment,
		"account": draft.caller.Account,
		"time":    now.Format(time.RFC3339), "by": draft.caller.ARN, "changeSet": draft.Changes.ChangeSetID,
		"accepted": draft.Accepted,
	}
	if draft.Fallback != nil {
		entry["fallback"] = draft.Fallback
	}
	content, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("accepted/%s-%s.json", now.Format("20060102-150405"), e.Token)
	_, err = e.Bucket(draft.caller).
		Keep(ctx, []bucket.Object{{Key: key, Content: append(content, '\n'), Type: "application/json"}}, false)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "write down why gates were passed: %w", err).
			Advise("nothing was deployed; try again")
	}
	return nil
}
