package deploy

import (
	"context"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
)

// Preview plans and executes nothing.
type Preview struct {
	Planner Planner
	Show    func(*plan.Plan) error // the plan is what was asked for; called without changes too
	Save    func(*plan.Plan) error // nil takes the plan back once it has been shown
	// Write puts the findings that are open into the site's accept file, and says what it did; nil does not.
	Write func(*plan.Plan) (string, error)
	File  string // where Save writes, shown in the message
}

// Run plans. Its error is [outcome.ChangesWaiting] when there is something to deploy, [outcome.Refused] when a finding
// is open.
func (p *Preview) Run(ctx context.Context) error {
	target := p.Planner.Target
	current, err := p.Planner.reader().readCurrent(ctx, false)
	if err != nil {
		return err
	}
	if current.caller.Endpoint != "" {
		target.View.Note("this is not AWS: calls go to " + current.caller.Endpoint)
	}
	if target.unchanged(current) {
		return p.nothing(current)
	}
	draft, err := p.Planner.plan(ctx, current)
	switch {
	case err != nil:
		return err
	case draft == nil:
		return p.nothing(current)
	}
	waiting := p.waiting(draft.Plan)
	if err := p.Show(draft.Plan); err != nil {
		return target.discard(ctx, draft, err)
	}
	if p.Write != nil {
		did, err := p.Write(draft.Plan)
		if err != nil {
			return target.discard(ctx, draft, err)
		}
		target.View.Note(did)
	}
	if p.Save == nil {
		return target.discard(ctx, draft, waiting)
	}
	if err := p.Save(draft.Plan); err != nil {
		return target.discard(ctx, draft, err)
	}
	return waiting
}

func (p *Preview) nothing(current currentState) error {
	site := p.Planner.Site.Manifest
	p.Planner.View.NoChanges(site)
	p.Planner.noteExpiry()
	p.Planner.noteUnused()
	empty := p.Planner.newDraft(current, false).Plan
	empty.StackID = current.stack.ID
	empty.Changes = &changeset.Stack{Name: site.Site, StackID: current.stack.ID, Action: changeset.Sync}
	return p.Show(empty)
}

func (p *Preview) waiting(made *plan.Plan) error {
	if err := made.Refused(); err != nil {
		return err
	}
	waiting := outcome.Errorf(outcome.ChangesWaiting, "changes are waiting for %s", made.Manifest.Site)
	if p.Save != nil {
		return waiting.Advise("deploy them with: deploy apply %s", p.File)
	}
	return waiting.Advise("deploy them with: deploy up %s", made.Manifest.Environment)
}
