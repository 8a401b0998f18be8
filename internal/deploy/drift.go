package deploy

import (
	"context"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/drift"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// DriftStacks is what [Drift] needs of CloudFormation.
type DriftStacks interface {
	drift.Stacks
	cfn.StackDescriber
}

// Drift finds what was changed outside CloudFormation, in every stack of a site. It changes nothing.
type Drift struct {
	Site     *manifest.Manifest
	Stacks   DriftStacks
	Identify func(context.Context) (account.Caller, error)
	Step     func(text string)         // says what takes long
	Show     func(*drift.Report) error // called without drift too
}

// Run shows a report. Its error is [outcome.ChangesWaiting] if anything differs.
func (d *Drift) Run(ctx context.Context) error {
	if _, err := d.Identify(ctx); err != nil {
		return err
	}
	root, err := deployedRoot(ctx, d.Stacks, d.Site)
	if err != nil {
		return err
	}
	d.Step("CloudFormation checks each stack for drift; that takes some minutes")
	report, err := drift.Look(ctx, d.Stacks, d.Site.Site, root.ID)
	if err != nil {
		return err
	}
	if err := d.Show(report); err != nil {
		return err
	}
	if len(report.Drifted) > 0 {
		return outcome.Errorf(outcome.ChangesWaiting, "%d of %d resources differ from their template", len(report.Drifted), report.Resources).
			Advise("change them back, or put them into the environment file; a deployment may undo them, or fail because of them")
	}
	return nil
}
