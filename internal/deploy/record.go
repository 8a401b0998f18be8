package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
)

// record writes into the site's bucket who passed which gates and why, and who deploys what CloudFormation has not
// checked, before anything happens.
func (e *executor) record(ctx context.Context, draft *draft) error {
	accepted := draft.AllAccepted()
	if len(accepted) == 0 && draft.Fallback == nil {
		return nil
	}
	now := time.Now().UTC()
	entry := map[string]any{
		"version": 1, "site": draft.Manifest.Site, "environment": draft.Manifest.Environment,
		"account": draft.caller.Account,
		"time":    now.Format(time.RFC3339), "by": draft.caller.ARN, "changeSet": draft.Changes.ChangeSetID,
		"accepted": bound(accepted, draft.Findings),
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

// bound returns acceptances with the checksum of what each of them is of.
func bound(accepted []gate.Acceptance, findings []gate.Finding) []gate.Acceptance {
	all := slices.Clone(accepted)
	for i, a := range accepted {
		if at := slices.IndexFunc(findings, a.Covers); at >= 0 {
			all[i].Checksum = findings[at].Checksum
		}
	}
	return all
}
