package plan

import (
	"slices"

	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
)

// AllowUpgrade lets a saved plan's nodes upgrade the database, when the one who applies it orders it.
func (p *Plan) AllowUpgrade(ordered bool) error {
	if !ordered || p.Upgrade != nil && p.Upgrade.Permitted {
		return nil
	}
	if p.Upgrade == nil {
		return outcome.Errorf(outcome.Refused, "--upgrade, but nothing in this plan upgrades the database").
			Advise("leave --upgrade out")
	}
	p.Upgrade = &Upgrade{What: p.Upgrade.What, Permitted: true}
	p.Notes = append(slices.Clone(p.Notes), UpgradeNote(p.Upgrade.What))
	p.Findings = slices.DeleteFunc(
		slices.Clone(p.Findings), func(f gate.Finding) bool { return f.Code == gate.Upgrade },
	)
	return nil
}

// UpgradeNote words for a plan what an upgrade does, and why it is one.
func UpgradeNote(what string) string {
	return what + ": a snapshot of the database is taken first; then new nodes upgrade it, and visitors see a maintenance page meanwhile"
}
