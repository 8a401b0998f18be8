package deploy

import (
	"context"
	"time"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/planfile"
)

// Preview plans and executes nothing.
type Preview struct {
	Planner
	Show func(Plan) error           // the plan is what was asked for; called without changes too
	Save func(*planfile.Plan) error // nil takes the plan back once it has been shown
	File string                     // where Save writes, for who is told
}

// Run plans. Its error is [outcome.ChangesWaiting] when there is something to deploy, [outcome.Refused] when a finding stands open.
func (p *Preview) Run(ctx context.Context) error {
	f, err := p.readCurrent(ctx)
	if err != nil {
		return err
	}
	if p.unchanged(f) {
		return p.nothing(f)
	}
	plan, err := p.plan(ctx, f)
	switch {
	case err != nil:
		return err
	case plan == nil:
		return p.nothing(f)
	}
	waiting := p.waiting(plan)
	if err := p.Show(*plan); err != nil {
		return p.discard(ctx, plan, err)
	}
	if p.Save == nil {
		return p.discard(ctx, plan, waiting)
	}
	if err := p.Save(plan.file(time.Now(), p.Revision())); err != nil {
		return p.discard(ctx, plan, err)
	}
	return waiting
}

func (p *Preview) nothing(f currentState) error {
	p.View.NoChanges(p.Site.Manifest)
	return p.Show(Plan{Manifest: p.Site.Manifest, Caller: f.caller, Changes: &changeset.Stack{Name: p.Site.Site, StackID: f.stack.ID, Action: changeset.Sync}})
}

func (p *Preview) waiting(plan *Plan) error {
	if err := plan.refused(); err != nil {
		return err
	}
	waiting := outcome.Errorf(outcome.ChangesWaiting, "changes are waiting for %s", plan.Manifest.Site)
	if p.Save != nil {
		return waiting.Advise("deploy them with: deploy apply %s", p.File)
	}
	return waiting.Advise("deploy them with: deploy up %s", plan.Manifest.Environment)
}

// file is a plan as it is saved.
func (p *Plan) file(now time.Time, revision string) *planfile.Plan {
	return &planfile.Plan{
		Made: now.UTC().Truncate(time.Second), By: p.Caller.ARN, Revision: revision, Account: p.Caller.Account, Region: p.Manifest.Region,
		Manifest: p.Manifest, Create: p.Create, StackID: p.Changes.StackID, Updated: p.before.Updated.UTC(),
		Changes: p.Changes, Findings: p.Findings, Accepted: p.Accepted, Opens: p.Opens, Notes: p.Notes, Fallback: p.Fallback,
		Upgrade: p.Upgrade,
	}
}

// File is the plan as a document, as it is saved and as --json prints it.
func (p *Plan) File() *planfile.Plan { return p.file(time.Now(), "") }
