package deploy

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/ownership"
)

// currentState is what there is before anything is done.
type currentState struct {
	caller   account.Caller
	stack    cfn.Stack
	status   operation.State
	template string     // of the root, as it is deployed
	log      serviceLog // where it was read
}

// reader reads what is deployed of a site.
type reader struct{ *Target }

// readCurrent asks who is calling and what is there, side by side: looking does no harm in a wrong account. Before it
// asks AWS anything, it reads the folder's own templates. With logs it also reads, while it reads the root's template,
// for how long the log group is kept that the root's outputs name.
func (r reader) readCurrent(ctx context.Context, logs bool) (currentState, error) {
	var current currentState
	if err := r.checkFolderTemplates(); err != nil {
		return current, err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		current.caller, err = r.Identify(groupCtx)
		return err
	})
	var stackErr error
	group.Go(func() error {
		current.stack, stackErr = r.Stacks.Stack(groupCtx, r.Site.Site)
		if stackErr == nil && current.stack.Status != status.ReviewInProgress {
			var log sync.WaitGroup
			if logs {
				log.Go(func() { current.log = r.serviceLogOf(groupCtx, current.stack) })
			}
			current.template, stackErr = r.Stacks.Template(groupCtx, current.stack.ID)
			log.Wait()
		}
		if cfn.IsNotFound(stackErr) {
			stackErr = nil
		}
		return nil
	})
	// Whose credentials these are comes first: with wrong ones, what the stack's calls say is beside the point.
	if err := group.Wait(); err != nil {
		return currentState{}, err
	}
	if stackErr != nil || current.stack.Status == "" {
		return current, stackErr
	}
	if current.stack.Status != status.ReviewInProgress {
		if err := ownership.CheckTemplate(ctx, r.Stacks, r.Site.Manifest, current.stack, current.template); err != nil {
			return currentState{}, err
		}
	}
	var err error
	current.status, err = operation.StateOf(current.stack, r.Site.Environment)
	return current, err
}

// unchanged reports whether the folder is deployed already. The deployed root template holds the checksum of every
// nested one, and those hold the checksum of the node's files, so the root and the tags say it all.
func (t *Target) unchanged(current currentState) bool {
	return current.status == operation.Updatable && maps.Equal(current.stack.Tags, t.tags()) &&
		template.SameText(current.template, t.root())
}

// deployed gives the ids of the stacks that there are, by path; none before the first deployment.
func (r reader) deployed(ctx context.Context, current currentState) (map[string]string, error) {
	if current.status != operation.Updatable {
		return map[string]string{}, nil
	}
	ids, err := r.nestedIDs(ctx, current.stack.ID)
	if err != nil {
		return nil, err
	}
	ids[""] = current.stack.ID
	return ids, nil
}

// nestedIDs gives the ids of the stacks nested in a root, by logical id.
func (r reader) nestedIDs(ctx context.Context, root string) (map[string]string, error) {
	ids := map[string]string{}
	resources, err := r.Stacks.Resources(ctx, root)
	for _, r := range resources {
		if r.NestedStack() {
			ids[r.LogicalID] = r.PhysicalID
		}
	}
	return ids, err
}

// importers asks who outside the tree imports what goes or may change; nothing else is asked about.
func (r reader) importers(ctx context.Context, facts gate.Facts) (map[string][]string, error) {
	names := gate.MovingExports(facts)
	users := make([][]string, len(names))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cfn.ConcurrentCalls)
	for i, name := range names {
		group.Go(func() (err error) {
			users[i], err = r.Stacks.Importers(groupCtx, name)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for i, name := range names {
		all[name] = slices.DeleteFunc(users[i], func(stack string) bool { return r.inTree(stack, facts.Stacks) })
	}
	return all, nil
}

// inTree reports whether a stack's name is one that CloudFormation gives to a nested stack of the site:
// SITE-LogicalId-….
func (r reader) inTree(name string, stacks []gate.Stack) bool {
	return slices.ContainsFunc(stacks, func(s gate.Stack) bool {
		return !s.Path.IsRoot() && strings.HasPrefix(name, r.Site.Site+"-"+s.Path.String()+"-")
	})
}
