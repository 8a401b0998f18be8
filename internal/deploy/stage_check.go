package deploy

import (
	"context"
	"fmt"
	"strings"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
)

// nodesSubject is how what nodes lack is named to --accept: whichever file it is, it is the nodes that would not come
// up.
const nodesSubject = "nodes"

// stager gets what nodes need from outside into the site's bucket.
type stager struct {
	*Target
	Fetch Fetch // nil only says what is missing
}

// staged ensures that what nodes need from outside is in the site's bucket. What can't be put there is a finding when
// the plan starts nodes, which could not start, and else a note.
func (s stager) staged(ctx context.Context, caller account.Caller, changes *changeset.Stack) (findings []gate.Finding, notes []string, err error) {
	if len(s.Site.Staged) == 0 {
		return nil, nil, nil
	}
	bucket := s.Bucket(caller)
	missing, unknown, err := missingFiles(ctx, bucket, s.Site.Staged)
	if err != nil {
		return nil, nil, err
	}
	if s.Fetch == nil && len(missing) > 0 {
		notes = append(notes, fmt.Sprintf("not in the site's bucket yet: %s; deploying fetches it first, and deploy stage %s does it now", namesOf(missing), s.Site.Environment))
		missing = nil
	}
	var unavailable []manifest.Staged
	var why, steps []string
	for _, thing := range missing {
		if err := s.Fetch.into(ctx, bucket, thing, s.View.Step); err != nil {
			unavailable, why = append(unavailable, thing), append(why, err.Error())
		}
	}
	if len(unavailable) > 0 {
		steps = append(steps, "where the addresses can be reached, run: deploy stage "+s.Site.Environment)
	}
	if len(unknown) > 0 {
		unavailable, why = append(unavailable, unknown...), append(why, "no checksum is known for "+namesOf(unknown))
		steps = append(steps, lockAdvice(s.Site.Manifest))
	}
	if len(unavailable) == 0 {
		return nil, notes, ctx.Err()
	}
	what := fmt.Sprintf(
		"because what they need from outside AWS is missing: %s (%s)", namesOf(unavailable), strings.Join(why, "; "),
	)
	if !plan.StartsNodes(changes) {
		return nil, append(notes, "nodes that start from now on will fail, "+what), ctx.Err()
	}
	what = "new nodes could not start, " + what
	var facts []gate.Fact
	for _, thing := range unavailable {
		facts = append(facts, gate.Kind("missing", thing.Name+" "+thing.SHA256)...)
	}
	finding := gate.Finding{Code: gate.NotStaged, Subject: nodesSubject, What: what, Facts: facts, Steps: steps}
	return []gate.Finding{finding}, notes, ctx.Err()
}
