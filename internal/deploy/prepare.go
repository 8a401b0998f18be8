package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// prefix begins the name and the description of every change set that this program makes, so that it knows its own.
const prefix = "deploy-"

// plan has CloudFormation work out what would change. Nil when it finds nothing.
func (u *Planner) plan(ctx context.Context, f currentState) (*Plan, error) {
	survey, stop := u.begin(ctx, f)
	defer stop()
	request, pending, err := u.prepare(ctx, f)
	if err != nil {
		return nil, err
	}
	u.View.Step("planning")
	plan := &Plan{Manifest: u.Site.Manifest, Caller: f.caller, Create: request.Create, before: f.stack, Notes: noted(pending)}
	description, err := u.create(ctx, plan, request, u.changedChildren(f))
	if err != nil {
		return nil, u.discard(ctx, plan, err)
	}
	known, err := survey()
	if err != nil {
		return nil, u.discard(ctx, plan, outcome.Errorf(outcome.Failed, "look at what is deployed: %w", err).Advise("nothing was deployed; try again"))
	}
	plan.mark = known.mark
	if failures := changeset.Failures(description); len(failures) > 0 {
		if err := u.fallBack(ctx, f, plan, known, request, failures); err != nil {
			return nil, u.discard(ctx, plan, err)
		}
	} else if changeset.StateOf(description.Plain) != changeset.Ready {
		return nil, u.discard(ctx, plan, nil)
	} else {
		plan.Changes = changeset.Build(description, statefulOf(u.Site.Manifest))
	}
	inOrder(plan.Changes, u.Site.Manifest)
	if err := u.runGates(ctx, f, plan, known, pending); err != nil {
		return nil, u.discard(ctx, plan, err)
	}
	return plan, nil
}

// create makes the change sets of a plan and reads what they say. Once they are there the plan has their ids and can be taken back.
func (u *Planner) create(ctx context.Context, plan *Plan, request cfn.ChangeSetRequest, modified map[string]bool) (*changeset.Description, error) {
	// An interrupt waits for this one call, so that the change set is known.
	id, stackID, err := u.Stacks.CreateChangeSet(context.WithoutCancel(ctx), request)
	if err != nil {
		failed := outcome.Errorf(outcome.Failed, "%w", err)
		if cfn.IsNotFound(err) || strings.Contains(cfn.Message(err), "already exists") {
			failed = failed.Advise("somebody else made or deleted it in the meantime; see how it stands with deploy status %s, then try again", u.Site.Environment)
		}
		return nil, failed
	}
	plan.Changes = &changeset.Stack{ChangeSetID: id, StackID: stackID, Name: u.Site.Site}
	var description *changeset.Description
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		if description, err = describe(groupCtx, u.Stacks, id, modified); err != nil {
			err = outcome.Errorf(outcome.Failed, "plan: %w", err)
		}
		return err
	})
	if !plan.Create {
		group.Go(func() error { return u.checkRootUnchanged(groupCtx, plan) })
	}
	return description, group.Wait()
}

// checkRootUnchanged holds that the root is as it was when it was looked at: the change set is against what stands, and gates compare with what was
// seen before it.
func (u *Planner) checkRootUnchanged(ctx context.Context, plan *Plan) error {
	now, err := u.Stacks.Stack(ctx, plan.before.ID)
	switch {
	case err != nil:
		return outcome.Errorf(outcome.Failed, "look at the stack again: %w", err).Advise("nothing was deployed; try again")
	case !now.Updated.Equal(plan.before.Updated):
		return errStale(plan.Manifest)
	}
	return nil
}

// changedChildren names the nested stacks that are there with another template than the folder's.
func (u *Planner) changedChildren(f currentState) map[string]bool {
	root, err := template.ParseDeployed(f.template)
	if err != nil {
		return nil
	}
	all := map[string]bool{}
	for id, address := range nestedOf(root) {
		all[id] = !u.sameTemplateAddress(id, address)
	}
	return all
}

// prepare uploads what is new, and meanwhile looks at what else is planned for the stack.
func (u *Planner) prepare(ctx context.Context, f currentState) (request cfn.ChangeSetRequest, pending []cfn.ChangeSetSummary, err error) {
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		request, err = u.request(groupCtx, f)
		return err
	})
	if f.status != notCreated {
		group.Go(func() (err error) {
			pending, err = deleteDeadChangeSets(groupCtx, u.Stacks, f.stack.ID)
			return err
		})
	}
	err = group.Wait()
	return request, pending, err
}

// request uploads what the change set refers to and words it.
func (u *Planner) request(ctx context.Context, f currentState) (cfn.ChangeSetRequest, error) {
	objects, err := u.objects()
	if err != nil {
		return cfn.ChangeSetRequest{}, err
	}
	u.View.Step("uploading what is new")
	bucket := u.Bucket(f.caller)
	if _, err := bucket.Keep(ctx, objects, f.status != notCreated); err != nil {
		return cfn.ChangeSetRequest{}, err
	}
	revision := u.Revision()
	request := cfn.ChangeSetRequest{
		Stack: u.Site.Site, Create: f.status != updatable, Tags: u.tags(), Token: u.Token,
		Name: changeSetName(revision, u.Token), Description: u.describe(f, revision),
	}
	if u.Site.Root.Bytes > bodyLimit {
		request.URL = bucket.URL(manifest.TemplateKey(u.Site.Root.SHA256), f.caller.URLSuffix())
	} else {
		request.Body = u.root()
	}
	return request, nil
}

// changeSetName is short, since CloudFormation makes the names of the nested change sets from it.
func changeSetName(revision, token string) string {
	name := prefix + time.Now().UTC().Format("20060102-150405")
	if rev, _, _ := strings.Cut(revision, " "); rev != "" {
		name += "-" + rev
	}
	return name + "-" + token[:min(4, len(token))]
}

func (u *Planner) describe(f currentState, revision string) string {
	text := fmt.Sprintf("%sup %s by %s", prefix, u.Site.Environment, f.caller.Name())
	if revision != "" {
		text += ", git " + revision
	}
	for _, a := range u.Accepted {
		text += "; accepted " + a.String()
	}
	return clip(text)
}

// clip cuts a change set's description to what CloudFormation takes.
func clip(text string) string {
	if len(text) <= descriptionLimit {
		return text
	}
	return strings.ToValidUTF8(text[:descriptionLimit], "")
}

// descriptionLimit is how long the description of a change set may be.
const descriptionLimit = 1024

// inOrder sorts the stacks of a plan as they are deployed; CloudFormation lists them by name.
func inOrder(changes *changeset.Stack, m *manifest.Manifest) {
	place := map[string]int{}
	for i, s := range m.Stacks {
		place[s.LogicalID] = i
	}
	slices.SortStableFunc(changes.Children, func(a, b *changeset.Stack) int { return place[a.LogicalID()] - place[b.LogicalID()] })
}

// statefulOf says from the manifest whether a resource holds data.
func statefulOf(m *manifest.Manifest) changeset.Holds {
	names := map[string]string{"": rootName}
	for _, s := range m.Stacks {
		names[s.LogicalID] = s.Name
	}
	stateful := map[[2]string]bool{}
	for _, r := range m.Resources {
		stateful[[2]string{r.Stack, r.ID}] = r.Stateful
	}
	return func(path []string, logicalID, _ string) (holds, known bool) {
		holds, known = stateful[[2]string{names[strings.Join(path, "/")], logicalID}]
		return holds, known
	}
}

// rootName is the root stack's short name in the manifest.
const rootName = "site"
