package deploy

import (
	"context"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// StackOutputs is what one stack of a tree gives away.
type StackOutputs struct {
	Path    []string // logical ids from the root; empty for the root
	Name    string   // CloudFormation's name of the stack
	Outputs []cfn.Output
}

type stackReader interface {
	Stack(ctx context.Context, stack string) (cfn.Stack, error)
}

// describeTree describes the stacks of a tree side by side, in its order.
func describeTree(ctx context.Context, api stackReader, tree []stackRef) ([]cfn.Stack, error) {
	stacks := make([]cfn.Stack, len(tree))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(side)
	for i, s := range tree {
		group.Go(func() (err error) {
			stacks[i], err = api.Stack(groupCtx, s.id)
			return err
		})
	}
	return stacks, group.Wait()
}

// outputsOf gives what a tree gives away, and its root.
func outputsOf(ctx context.Context, api stackReader, tree []stackRef) ([]StackOutputs, cfn.Stack, error) {
	stacks, err := describeTree(ctx, api, tree)
	if err != nil {
		return nil, cfn.Stack{}, err
	}
	var all []StackOutputs
	for i, s := range stacks {
		if len(s.Outputs) > 0 {
			all = append(all, StackOutputs{Path: tree[i].path, Name: s.Name, Outputs: s.Outputs})
		}
	}
	return all, stacks[0], nil
}

// OutputsStacks is what [Outputs] needs of CloudFormation.
type OutputsStacks interface {
	stackReader
	Resources(ctx context.Context, stack string) ([]cfn.Resource, error)
}

// Outputs reads what a deployed site gives away.
type Outputs struct {
	Site     *manifest.Manifest
	Stacks   OutputsStacks
	Identify func(context.Context) (account.Caller, error)
}

// Run gives the outputs of the whole tree, the root's first.
func (o *Outputs) Run(ctx context.Context) ([]StackOutputs, error) {
	if _, err := o.Identify(ctx); err != nil {
		return nil, err
	}
	root, err := o.Stacks.Stack(ctx, o.Site.Site)
	if cfn.IsNotFound(err) {
		return nil, notDeployed(o.Site)
	}
	if err != nil {
		return nil, outcome.Errorf(outcome.Failed, "%w", err)
	}
	tree, err := treeOf(ctx, o.Stacks, stackRef{id: root.ID})
	if err != nil {
		return nil, outcome.Errorf(outcome.Failed, "%w", err)
	}
	outputs, _, err := outputsOf(ctx, o.Stacks, tree)
	return outputs, err
}

func notDeployed(m *manifest.Manifest) error {
	return outcome.Errorf(outcome.Failed, "%s is not deployed in %s", m.Site, m.Region).Advise("create it with: deploy up %s", m.Environment)
}

// treeOf finds a stack and all that are nested in it, parents first.
func treeOf(ctx context.Context, api interface {
	Resources(ctx context.Context, stack string) ([]cfn.Resource, error)
}, root stackRef) ([]stackRef, error) {
	resources, err := api.Resources(ctx, root.id)
	if err != nil {
		return nil, err
	}
	tree := []stackRef{root}
	for _, r := range resources {
		if !r.NestedStack() {
			continue
		}
		below, err := treeOf(ctx, api, stackRef{id: r.PhysicalID, path: append(append([]string{}, root.path...), r.LogicalID)})
		if err != nil {
			return nil, err
		}
		tree = append(tree, below...)
	}
	return tree, nil
}
