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

// secure takes snapshots of the databases that a plan may spoil, and then permits nodes to upgrade one, if that was
// ordered. Nothing has been deployed yet: a snapshot that fails changes nothing.
func (e *executor) secure(ctx context.Context, draft *draft) error {
	upgrading := draft.Upgrade != nil && draft.Upgrade.Permitted
	wanted := gate.Snapshots(draft.Findings)
	if !upgrading && len(wanted) == 0 {
		return nil
	}
	clusters, err := e.spoiled(ctx, draft, wanted, upgrading)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	s := snapshotter{databases: e.Databases, view: e.View}
	for i, cluster := range clusters {
		name := snapshotName(draft.Manifest.Site, now, e.Token, i)
		if err := s.take(ctx, name, cluster, draft.Manifest); err != nil {
			return err
		}
		draft.snapshots = append(draft.snapshots, name)
	}
	if !upgrading {
		return nil
	}
	return e.permit(ctx, draft, clusters[0], now)
}

// permit lets the nodes of the plan's bundle upgrade the database, of which there is a snapshot.
func (e *executor) permit(ctx context.Context, draft *draft, cluster string, now time.Time) error {
	content, err := json.Marshal(map[string]any{
		"version": 1, "snapshot": draft.snapshots[0], "cluster": cluster, "what": draft.Upgrade.What,
		"by": draft.caller.ARN, "time": now.Format(time.RFC3339), "changeSet": draft.Changes.ChangeSetID,
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
			Advise("nothing was deployed; the snapshot %s stays until you delete it", draft.snapshots[0])
	}
	return nil
}

// withSnapshotAdvice adds to the advice of a failed upgrade where the database from before it is.
func (d *draft) withSnapshotAdvice(err error) error {
	if err == nil || len(d.snapshots) == 0 {
		return err
	}
	advice := strings.TrimPrefix(
		outcome.AdviceOf(err)+"\n", "\n",
	) + "the database as it was before the upgrade is snapshot " + strings.Join(d.snapshots, ", ")
	restore := d.Manifest.Application.OrDefaults().Advice.Restore
	switch {
	case d.Upgrade == nil || !d.Upgrade.Permitted:
		advice += "; if the data is damaged, restore it into a new site (deploy explain " + string(gate.OneWay) + ")"
	case restore != "":
		advice += "; " + restore
	}
	return outcome.Errorf(outcome.CodeOf(err), "%w", err).Advise("%s", advice)
}
