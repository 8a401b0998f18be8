package deploy

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/manifest"
)

// accountTree is what CloudFormation has of a site, and will have once a saved plan is executed. Nothing of it is from
// the plan's file.
type accountTree struct {
	ids    map[string]string // of the stacks that there are, by path
	stacks []gate.Stack      // the templates, the root first
}

// readTree reads the deployed and the planned template of every stack of the site.
func (a *Apply) readTree(ctx context.Context, current currentState) (*accountTree, error) {
	tree := &accountTree{}
	root := gate.Stack{}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		tree.ids, err = reader{a.Target}.deployed(groupCtx, current)
		return err
	})
	group.Go(func() (err error) {
		root.New, err = a.plannedTemplate(groupCtx, a.Plan.Changes.ChangeSetID)
		return err
	})
	if !a.Plan.Create {
		group.Go(func() (err error) {
			root.Old, err = reader{a.Target}.deployedTemplate(groupCtx, current.stack.ID)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := a.checkNested(root.New); err != nil {
		return nil, err
	}
	nested, err := a.readNested(ctx, current, tree.ids, root)
	tree.stacks = append([]gate.Stack{root}, nested...)
	return tree, err
}

// readNested reads the templates of the stacks that a root nests or will nest, in the order in which they are deployed,
// and of those that are nested in them, as far as they change.
func (a *Apply) readNested(
	ctx context.Context, current currentState, ids map[string]string, root gate.Stack,
) ([]gate.Stack, error) {
	deployed, planned := nestedOf(root.Old), nestedOf(root.New)
	var names []string
	for _, s := range a.Site.Stacks {
		names = append(names, s.LogicalID)
	}
	for _, id := range slices.Sorted(maps.Keys(deployed)) {
		if !slices.Contains(names, id) {
			names = append(names, id)
		}
	}
	all := make([]gate.Stack, len(names))
	var deep []gate.Stack
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cfn.ConcurrentCalls)
	for i, id := range names {
		all[i].Path = address.Path{id}
		was, there := deployed[id]
		will, stays := planned[id]
		if there {
			group.Go(func() (err error) {
				all[i].Old, err = reader{a.Target}.deployedTemplate(groupCtx, ids[id])
				return err
			})
		}
		if stays && !(there && was == will && !a.changes(id)) {
			group.Go(func() (err error) {
				all[i].New, err = a.plannedNested(groupCtx, current, id, will)
				return err
			})
		}
	}
	group.Go(func() (err error) {
		deep, err = reader{a.Target}.readDeepTemplates(groupCtx, a.Plan.Changes)
		return err
	})
	err := group.Wait()
	for i, id := range names {
		if _, stays := planned[id]; stays && all[i].New == nil {
			all[i].New = all[i].Old
		}
	}
	return append(all, deep...), err
}

// child returns what the plan says of a nested stack, or nil.
func (a *Apply) child(id string) *changeset.Stack {
	for _, child := range a.Plan.Changes.Children {
		if child.LogicalID() == id {
			return child
		}
	}
	return nil
}

func (a *Apply) changes(id string) bool {
	child := a.child(id)
	return child != nil && child.Changed()
}

// plannedNested is the template that a nested stack will have: that of its change set, or the one in the site's bucket
// that the planned root names, where CloudFormation has not planned the stack.
func (a *Apply) plannedNested(ctx context.Context, current currentState, id, url string) (*template.Template, error) {
	child := a.child(id)
	if child != nil && child.Changed() && child.ChangeSetID != "" {
		return a.plannedTemplate(ctx, child.ChangeSetID)
	}
	key, _ := ownership.TemplateKey(url, a.Site.Manifest, a.Plan.StackID) // it was checked before
	body, err := a.Bucket(current.caller).Get(ctx, key, manifest.TemplateChecksum(key))
	if err != nil {
		return nil, err
	}
	return template.ParseDeployed(string(body))
}

func (a *Apply) plannedTemplate(ctx context.Context, changeSet string) (*template.Template, error) {
	body, err := a.Stacks.PlannedTemplate(ctx, changeSet)
	if err != nil {
		return nil, err
	}
	return template.ParseDeployed(body)
}

// checkNested compares the stacks that the planned root nests with those that the plan's manifest lists: a manifest
// that lists less, or another template, is not the one from which the plan was made.
func (a *Apply) checkNested(root *template.Template) error {
	nested := nestedOf(root)
	for _, id := range slices.Sorted(maps.Keys(nested)) {
		if _, own := ownership.TemplateKey(nested[id], a.Site.Manifest, a.Plan.StackID); !own {
			return stale("the template of nested stack %s would not come from the site's bucket: %s", id, nested[id])
		}
	}
	if what := unlisted(root, a.Site.Manifest); what != "" {
		return stale("its change set and its manifest differ: %s", what)
	}
	return nil
}
