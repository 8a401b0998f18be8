package deploy

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"distributed-moodle/internal/deploy/artifact"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/planfile"
	"distributed-moodle/internal/manifest"
)

// readUpgrade works out whether a plan's nodes may find an older database, and whether they were told to upgrade it. It refuses the
// order where there is nothing to upgrade: it was meant for another plan.
func (u *Planner) readUpgrade(f currentState, plan *Plan, facts *gate.Facts) error {
	what := ""
	if f.status == updatable {
		what = u.upgrades(*facts)
	}
	if what == "" {
		return u.nothingToUpgrade(f)
	}
	plan.Upgrade = &planfile.Upgrade{What: what, Permitted: u.Upgrade}
	switch facts.Upgrading = u.Upgrade; {
	case u.Upgrade:
		plan.Notes = append(plan.Notes, upgradeNote(what))
	case len(gate.VersionIncreases(*facts)) == 0 && len(gate.CodeChanges(*facts)) > 0:
		plan.Notes = append(plan.Notes, what+": where it wants a newer database, and a new plugin does, new nodes do not come up unless --upgrade is passed, which takes a snapshot first")
	}
	return nil
}

func upgradeNote(what string) string {
	return what + ": a snapshot of the database is taken first; then new nodes upgrade it, and visitors see a maintenance page meanwhile"
}

func (u *Planner) nothingToUpgrade(f currentState) error {
	if !u.Upgrade {
		return nil
	}
	if f.status != updatable {
		return outcome.Errorf(outcome.Refused, "--upgrade, but %s does not stand yet: there is no database to upgrade", u.Site.Site).Advise("leave --upgrade out")
	}
	return outcome.Errorf(outcome.Refused, "--upgrade, but nothing in this plan upgrades the database: Moodle's version stays, and so do the nodes' files").
		Advise("raise moodle.version and its archive in %s, generate and review; or leave --upgrade out", u.Site.Source)
}

// upgrades words what in a plan may make nodes find an older database: Moodle's own version, its code, or the nodes' files. Nothing
// else does.
func (u *Planner) upgrades(facts gate.Facts) string {
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
	if u.Site.Node == nil {
		return ""
	}
	was, is := false, false
	for _, s := range facts.Stacks {
		was = was || s.Old.Mentions(u.Site.Node.SHA256)
		is = is || s.New.Mentions(u.Site.Node.SHA256)
	}
	if is && !was {
		return "the nodes' files change"
	}
	return ""
}

// allowUpgrade lets a saved plan's nodes upgrade the database, when the one who applies it orders it.
func (p *Plan) allowUpgrade(ordered bool) error {
	if !ordered || p.Upgrade != nil && p.Upgrade.Permitted {
		return nil
	}
	if p.Upgrade == nil {
		return outcome.Errorf(outcome.Refused, "--upgrade, but nothing in this plan upgrades the database").Advise("leave --upgrade out")
	}
	p.Upgrade = &planfile.Upgrade{What: p.Upgrade.What, Permitted: true}
	p.Notes = append(slices.Clone(p.Notes), upgradeNote(p.Upgrade.What))
	p.Findings = slices.DeleteFunc(slices.Clone(p.Findings), func(f gate.Finding) bool { return f.Code == gate.Upgrade })
	return nil
}

// upgrade takes a snapshot of the database, and then permits the nodes of the plan's bundle to upgrade it. Nothing has been deployed
// yet: a snapshot that fails changes nothing.
func (u *Up) upgrade(ctx context.Context, plan *Plan) error {
	if plan.Upgrade == nil || !plan.Upgrade.Permitted {
		return nil
	}
	s := snapshotter{databases: u.Databases, view: u.View}
	cluster, err := u.cluster(ctx, plan)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	name := snapshotName(plan.Manifest.Site, now, u.Token)
	if err := s.take(ctx, name, cluster, plan.Manifest); err != nil {
		return err
	}
	plan.snapshot = name
	content, err := json.Marshal(map[string]any{
		"version": 1, "snapshot": name, "cluster": cluster, "what": plan.Upgrade.What, "by": plan.Caller.ARN,
		"time": now.Format(time.RFC3339), "changeSet": plan.Changes.ChangeSetID,
	})
	if err != nil {
		return err
	}
	object := artifact.Object{Key: manifest.UpgradeKey(plan.Manifest.Node.SHA256), Content: append(content, '\n'), Type: "application/json"}
	if _, err := u.Bucket(plan.Caller).Keep(ctx, []artifact.Object{object}, false); err != nil {
		return outcome.Errorf(outcome.Failed, "permit nodes to upgrade the database: %w", err).
			Advise("nothing was deployed; the snapshot %s stays until you delete it", name)
	}
	return nil
}

// withSnapshotAdvice adds to the advice of a failed upgrade where the database from before it is.
func (p *Plan) withSnapshotAdvice(err error) error {
	if err == nil || p.snapshot == "" {
		return err
	}
	advice := strings.TrimPrefix(outcome.AdviceOf(err)+"\n", "\n")
	return outcome.Errorf(outcome.CodeOf(err), "%w", err).
		Advise("%sthe database as it was before the upgrade is snapshot %s; docs/runbook.md, \"Upgrade Moodle\", says when it is needed", advice, p.snapshot)
}
