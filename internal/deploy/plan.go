package deploy

import (
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
)

// plan has CloudFormation work out what would change. Nil when it finds nothing.
func (p *Planner) plan(ctx context.Context, current currentState) (*draft, error) {
	checks := p.checker()
	survey, stop := checks.begin(ctx, current)
	defer stop()
	request, pending, err := p.prepare(ctx, current)
	if err != nil {
		return nil, err
	}
	p.View.Step("planning")
	made := p.newDraft(current, request.Create)
	made.Notes = otherPlans(pending)
	description, err := p.create(ctx, made, request, p.changedChildren(current))
	if err != nil {
		return nil, p.discard(ctx, made, err)
	}
	known, err := survey()
	if err != nil {
		return nil, p.discard(
			ctx,
			made,
			outcome.Errorf(outcome.Failed, "look at what is deployed: %w", err).
				Advise("nothing was deployed; try again"),
		)
	}
	made.cursor = known.cursor
	if failures := changeset.Failures(description); len(failures) > 0 {
		if err := p.fallBack(ctx, current, made, known, request, failures); err != nil {
			return nil, p.discard(ctx, made, err)
		}
	} else if changeset.StateOf(description.Plain) != changeset.Ready {
		return nil, p.discard(ctx, made, nil)
	} else {
		made.Changes = changeset.Build(description, p.Site.HoldsData)
	}
	inOrder(made.Changes, p.Site.Manifest)
	if err := checks.runGates(ctx, current, made, known, pending); err != nil {
		return nil, p.discard(ctx, made, err)
	}
	return made, nil
}

// newDraft is a plan without any changes yet.
func (p *Planner) newDraft(current currentState, create bool) *draft {
	return &draft{caller: current.caller, before: current.stack, log: current.log, Plan: &plan.Plan{
		Made: time.Now().UTC().Truncate(time.Second), By: current.caller.ARN, Revision: p.Revision(),
		Account: current.caller.Account,
		Region:  p.Site.Region, Manifest: p.Site.Manifest, Create: create, Updated: current.stack.Updated.UTC(),
	}}
}

// create makes the change sets of a plan and reads what they say. Once they are there the plan has their ids and can be
// deleted.
func (p *Planner) create(
	ctx context.Context, draft *draft, request cfn.ChangeSetRequest, modified map[string]bool,
) (*changeset.Description, error) {
	// An interrupt waits for this one call, so that the change set is known.
	id, stackID, err := p.Stacks.CreateChangeSet(context.WithoutCancel(ctx), request)
	if err != nil {
		failed := outcome.Errorf(outcome.Failed, "%w", err)
		if cfn.IsNotFound(err) || strings.Contains(cfn.Message(err), "already exists") {
			failed = failed.Advise(
				"somebody else created or deleted it since; check with deploy status %s, then try again",
				p.Site.Environment,
			)
		}
		return nil, failed
	}
	draft.StackID = stackID
	draft.Changes = &changeset.Stack{ChangeSetID: id, StackID: stackID, Name: p.Site.Site}
	var description *changeset.Description
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		if description, err = changeset.Read(groupCtx, p.Stacks, id, modified); err != nil {
			err = outcome.Errorf(outcome.Failed, "plan: %w", err)
		}
		return err
	})
	if !draft.Create {
		group.Go(func() error { return p.checkRootUnchanged(groupCtx, draft) })
	}
	return description, group.Wait()
}

// checkRootUnchanged checks that the root is as it was when it was read: the change set is against what is deployed,
// and gates compare with what was seen before it.
func (p *Planner) checkRootUnchanged(ctx context.Context, draft *draft) error {
	now, err := p.Stacks.Stack(ctx, draft.before.ID)
	switch {
	case err != nil:
		return outcome.Errorf(outcome.Failed, "look at the stack again: %w", err).
			Advise("nothing was deployed; try again")
	case !now.Updated.Equal(draft.before.Updated):
		return errStale(draft.Manifest)
	}
	return nil
}

// changedChildren names the nested stacks that are there with another template than the folder's.
func (p *Planner) changedChildren(current currentState) map[string]bool {
	root, err := template.ParseDeployed(current.template)
	if err != nil {
		return nil
	}
	all := map[string]bool{}
	for id, address := range nestedOf(root) {
		all[id] = !p.reader().sameTemplateAddress(id, address)
	}
	return all
}

// prepare uploads what is new, and meanwhile looks at what else is planned for the stack.
func (p *Planner) prepare(
	ctx context.Context, current currentState,
) (request cfn.ChangeSetRequest, pending []cfn.ChangeSetSummary, err error) {
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		request, err = p.request(groupCtx, current)
		return err
	})
	if current.status != operation.NotCreated {
		group.Go(func() (err error) {
			pending, err = deleteDeadChangeSets(groupCtx, p.Stacks, current.stack.ID)
			return err
		})
	}
	err = group.Wait()
	return request, pending, err
}

// request uploads what the change set refers to and words it.
func (p *Planner) request(ctx context.Context, current currentState) (cfn.ChangeSetRequest, error) {
	objects, err := p.objects()
	if err != nil {
		return cfn.ChangeSetRequest{}, err
	}
	p.View.Step("uploading what is new")
	bucket := p.Bucket(current.caller)
	kept, err := bucket.Keep(ctx, objects, current.status != operation.NotCreated)
	if err != nil {
		return cfn.ChangeSetRequest{}, err
	}
	p.sayClosed(kept)
	revision := p.Revision()
	request := cfn.ChangeSetRequest{
		Stack: p.Site.Site, Create: current.status != operation.Updatable, Tags: p.tags(), Token: p.Token,
		Name: ownership.ChangeSetName(revision, p.Token), Description: p.describe(current, revision),
	}
	if p.Site.Root.Bytes > bodyLimit {
		request.URL = bucket.URL(manifest.TemplateKey(p.Site.Root.SHA256), current.caller.URLSuffix())
	} else {
		request.Body = p.root()
	}
	return request, nil
}

func (p *Planner) describe(current currentState, revision string) string {
	accepted := make([]string, len(p.Accepted))
	for i, a := range p.Accepted {
		accepted[i] = a.String()
	}
	return ownership.Description(p.Site.Environment, current.caller.Name(), revision, accepted)
}

// inOrder sorts the stacks of a plan as they are deployed; CloudFormation lists them by name.
func inOrder(changes *changeset.Stack, m *manifest.Manifest) {
	place := map[string]int{}
	for i, s := range m.Stacks {
		place[s.LogicalID] = i
	}
	slices.SortStableFunc(
		changes.Children, func(a, b *changeset.Stack) int { return place[a.LogicalID()] - place[b.LogicalID()] },
	)
}
