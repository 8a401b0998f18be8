package deploy

import (
	"cmp"
	"context"
	"time"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/diagnosis"
	"distributed-moodle/internal/deploy/history"
	"distributed-moodle/internal/deploy/history/page"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// HistoryStacks is what [History] needs of CloudFormation.
type HistoryStacks interface {
	events.Source
	changeset.Reader
	Stack(ctx context.Context, stack string) (cfn.Stack, error)
	Gone(ctx context.Context, name string) (ids []string, err error)
}

// History reads what has been done to a site, also before it was destroyed and created again. It has no memory of its
// own: CloudFormation keeps a stack's events for 90 days, a deleted stack's too.
type History struct {
	Site     *manifest.Manifest
	Stacks   HistoryStacks
	Identify func(context.Context) (account.Caller, error)
}

// Past is what has been done to a site, the newest first and numbered from 1 on.
type Past struct {
	Site       string
	Account    string
	Region     string
	Deployed   bool // the site is deployed
	Operations []operation.Operation
	More       bool   // there are older ones
	Unreadable string // what could not be read, and why; "" when all was
}

// Run reads the newest operations, as many as wanted.
func (h *History) Run(ctx context.Context, most int) (*Past, error) {
	caller, err := h.Identify(ctx)
	if err != nil {
		return nil, err
	}
	root, err := h.Stacks.Stack(ctx, h.Site.Site)
	if err != nil && !cfn.IsNotFound(err) {
		return nil, outcome.Errorf(outcome.Failed, "%w", err)
	}
	past := &Past{Site: h.Site.Site, Account: caller.Account, Region: h.Site.Region, Deployed: err == nil}
	if past.Deployed {
		if err := h.read(ctx, past, root.ID, most); err != nil {
			return nil, err
		}
		h.note(ctx, past, root)
	}
	if err := h.before(ctx, past, most); err != nil {
		return nil, err
	}
	if !past.Deployed && len(past.Operations) == 0 {
		return nil, notDeployed(h.Site)
	}
	return past, nil
}

// before reads what was done to the stacks that the site was before, as far as there is room for it.
func (h *History) before(ctx context.Context, past *Past, most int) error {
	if past.More {
		return nil
	}
	gone, err := h.Stacks.Gone(ctx, h.Site.Site)
	if err != nil && past.Deployed {
		past.Unreadable = "without what was done before the site was created the last time: " + cfn.Message(err)
		return nil
	}
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%s is not deployed, and its history can't be read: %w", h.Site.Site, err)
	}
	for _, id := range gone {
		if past.More {
			return nil
		}
		if err := h.read(ctx, past, id, most); err != nil {
			return err
		}
	}
	return nil
}

// read adds the operations of one stack.
func (h *History) read(ctx context.Context, past *Past, stackID string, most int) error {
	room := most - len(past.Operations)
	all, err := events.Operations(ctx, h.Stacks, stackID, room+1)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	past.More = len(all) > room
	for _, o := range all[:min(room, len(all))] {
		past.Operations = append(past.Operations, operation.Parse(o))
	}
	return nil
}

// note gives the newest operation that executed a change set its description: CloudFormation keeps only that one's.
func (h *History) note(ctx context.Context, past *Past, root cfn.Stack) {
	for i, o := range past.Operations {
		if kind := o.Kind(); kind != events.Deletion && kind != events.Rollback {
			past.Operations[i].Note = operation.DescriptionOf(ctx, h.Stacks, root)
			return
		}
	}
}

// Page reads all that happened in one operation, 1 being the newest, and draws it.
func (h *History) Page(ctx context.Context, number int, now time.Time) (*page.Page, error) {
	past, err := h.Run(ctx, number)
	switch {
	case err != nil:
		return nil, err
	case len(past.Operations) == 0:
		return nil, outcome.Errorf(
			outcome.Failed, "nothing to draw: nothing was done to %s in the last 90 days", h.Site.Site,
		)
	case len(past.Operations) < number:
		return nil, outcome.Errorf(outcome.Failed, "there is no operation %d of %s: CloudFormation remembers %d", number, h.Site.Site, len(past.Operations)).
			Advise("see them with: deploy history %s", h.Site.Environment)
	}
	o := past.Operations[number-1]
	happened, err := events.Collect(ctx, h.Stacks, o.Began.StackID, o.Operation)
	if err != nil {
		return nil, outcome.Errorf(outcome.Failed, "%w", err)
	}
	drawn := &page.Page{
		Site: past.Site, Account: past.Account, Region: past.Region, What: o.What, Who: o.Who, Note: o.Note,
		Status: o.Last.Status, Result: o.Result(), Well: o.Succeeded(), Looked: now,
		Timeline: history.New(o.Operation, happened, now),
	}
	if !o.Succeeded() && (o.Failed != "" || !o.Running()) {
		drawn.Cause = h.cause(o, happened)
	}
	return drawn, nil
}

// cause words the first cause of a failure; when no event fails, what the root says at the end.
func (h *History) cause(o operation.Operation, happened []events.Event) *page.Cause {
	var causes events.Causes
	for _, e := range happened {
		causes.Add(e)
	}
	cause, known := causes.First()
	if !known {
		cause = o.Last
	}
	explained := diagnosis.Explain(
		cause,
		nil,
		diagnosis.Place{
			Environment: h.Site.Environment,
			Site:        h.Site.Site,
			Region:      h.Site.Region,
			Regenerate:  h.Site.Application.Regenerate(),
		},
	)
	name := cause.Name()
	if cause.OfStack() {
		name = cause.Path.String()
	}
	return &page.Cause{
		Name: cmp.Or(name, h.Site.Site), Type: cause.Type, Status: cause.Status, Reason: cause.Reason,
		Meaning: explained.Meaning, Advice: explained.Advice,
	}
}
