package deploy

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
)

// readUpgrade works out whether a plan's nodes may find an older database, and whether they may upgrade it. It refuses
// the order where there is nothing to upgrade: it was meant for another plan.
func (c *checker) readUpgrade(current currentState, draft *draft, facts *gate.Facts) error {
	what := ""
	if current.status == operation.Updatable {
		what = c.upgrades(*facts)
	}
	if what == "" {
		return c.nothingToUpgrade(current)
	}
	draft.Upgrade = &plan.Upgrade{What: what, Permitted: c.Upgrade}
	switch facts.Upgrading = c.Upgrade; {
	case c.Upgrade:
		draft.Notes = append(draft.Notes, plan.UpgradeNote(what))
	case len(gate.VersionIncreases(*facts)) == 0 && len(gate.CodeChanges(*facts)) > 0:
		draft.Notes = append(
			draft.Notes,
			what+": if it needs a newer database schema, as a new plugin does, new nodes cannot start without --upgrade, which takes a snapshot first",
		)
	}
	return nil
}

func (c *checker) nothingToUpgrade(current currentState) error {
	if !c.Upgrade {
		return nil
	}
	if current.status != operation.Updatable {
		return outcome.Errorf(outcome.Refused, "--upgrade, but %s is not deployed yet: there is no database to upgrade", c.Site.Site).
			Advise("leave --upgrade out")
	}
	application := c.Site.Application.OrDefaults()
	return outcome.Errorf(outcome.Refused, "--upgrade, but nothing in this plan upgrades the database: %s's version stays, and so do the nodes' files", application.Name).
		Advise("%s; or leave --upgrade out", application.Advice.Upgrade)
}

// upgrades words what in a plan may make nodes find an older database: the application's version, its code, or the
// nodes' files. Nothing else does.
func (c *checker) upgrades(facts gate.Facts) string {
	if raised := gate.VersionIncreases(facts); len(raised) > 0 {
		var all []string
		for _, r := range raised {
			all = append(all, r.String())
		}
		return strings.Join(all, ", ")
	}
	if changed := gate.CodeChanges(facts); len(changed) > 0 {
		return "the code of " + strings.Join(changed, ", ") + " changes, the archive or a plugin"
	}
	if c.Site.Node == nil {
		return ""
	}
	was, is := false, false
	for _, s := range facts.Stacks {
		was = was || s.Old.Mentions(c.Site.Node.SHA256)
		is = is || s.New.Mentions(c.Site.Node.SHA256)
	}
	if is && !was {
		return "the nodes' files change"
	}
	return ""
}

// upgrade takes a snapshot of the database, and then permits the nodes of the plan's bundle to upgrade it. Nothing has
// been deployed yet: a snapshot that fails changes nothing.
func (e *executor) upgrade(ctx context.Context, draft *draft) error {
	if draft.Upgrade == nil || !draft.Upgrade.Permitted {
		return nil
	}
	s := snapshotter{databases: e.Databases, view: e.View}
	cluster, err := e.cluster(ctx, draft)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	name := snapshotName(draft.Manifest.Site, now, e.Token)
	if err := s.take(ctx, name, cluster, draft.Manifest); err != nil {
		return err
	}
	draft.snapshot = name
	content, err := json.Marshal(map[string]any{
		"version": 1, "snapshot": name, "cluster": cluster, "what": draft.Upgrade.What, "by": draft.caller.ARN,
		"time": now.Format(time.RFC3339), "changeSet": draft.Changes.ChangeSetID,
	})
	if err != nil {
		return err
	}
	object := bucket.Object{
		Key:     manifest.UpgradeKey(draft.Manifest.Node.SHA256),
		Content: append(content, '\n'),
		Type:    "application/json",
	}
	if _, err := e.Bucket(draft.caller).Keep(ctx, []bucket.Object{object}, false); err != nil {
		return outcome.Errorf(outcome.Failed, "permit nodes to upgrade the database: %w", err).
			Advise("nothing was deployed; the snapshot %s stays until you delete it", name)
	}
	return nil
}

// withSnapshotAdvice adds to the advice of a failed upgrade where the database from before it is.
func (d *draft) withSnapshotAdvice(err error) error {
	if err == nil || d.snapshot == "" {
		return err
	}
	advice := strings.TrimPrefix(
		outcome.AdviceOf(err)+"\n", "\n",
	) + "the database as it was before the upgrade is snapshot " + d.snapshot
	if restore := d.Manifest.Application.OrDefaults().Advice.Restore; restore != "" {
		advice += "; " + restore
	}
	return outcome.Errorf(outcome.CodeOf(err), "%w", err).Advise("%s", advice)
}
