package deploy

import "context"

// Up deploys a site: it creates it, or brings it to what its folder says.
type Up struct {
	Planner   Planner
	Databases Databases // for an upgrade
	Consent   Consent
}

// Run deploys. Its error says with which exit code the command ends; nil is done, or nothing to do.
func (u *Up) Run(ctx context.Context) error {
	target := u.Planner.Target
	if err := u.Consent.checkSiteName(target.Site.Manifest); err != nil {
		return err
	}
	current, err := u.Planner.reader().readCurrent(ctx, true)
	if err != nil {
		return err
	}
	if target.unchanged(current) {
		target.View.NoChanges(target.Site.Manifest)
		target.noteExpiry()
		u.Planner.noteUnused()
		target.retain(ctx, current.log)
		return target.protect(ctx, current.stack)
	}
	draft, err := u.Planner.plan(ctx, current)
	if err != nil {
		return err
	}
	if draft == nil {
		target.View.Done("CloudFormation finds nothing to change in " + target.Site.Site)
		target.retain(ctx, current.log)
		return target.protect(ctx, current.stack)
	}
	return (&executor{target, u.Databases, u.Consent}).run(ctx, draft)
}
