package cfn

import (
	"context"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn/address"
)

// StackRef is one stack of a tree.
type StackRef struct {
	ID   string       // its ARN
	Path address.Path // logical ids from the root; empty for the root

	Resources []Resource // where [Tree] has listed them
}

// ResourceLister lists the resources of a stack.
type ResourceLister interface {
	Resources(ctx context.Context, stack string) ([]Resource, error)
}

// StackDescriber describes a stack.
type StackDescriber interface {
	Stack(ctx context.Context, stack string) (Stack, error)
}

// TreeReader reads a tree of stacks.
type TreeReader interface {
	ResourceLister
	StackDescriber
}

// Tree finds a root stack, by its id, and all that are nested in it, parents first.
func Tree(ctx context.Context, api ResourceLister, root string) ([]StackRef, error) {
	return treeBelow(ctx, api, StackRef{ID: root})
}

func treeBelow(ctx context.Context, api ResourceLister, root StackRef) ([]StackRef, error) {
	resources, err := api.Resources(ctx, root.ID)
	if err != nil {
		return nil, err
	}
	root.Resources = resources
	tree := []StackRef{root}
	for _, r := range resources {
		if !r.NestedStack() {
			continue
		}
		below, err := treeBelow(ctx, api, StackRef{ID: r.PhysicalID, Path: root.Path.Child(r.LogicalID)})
		if err != nil {
			return nil, err
		}
		tree = append(tree, below...)
	}
	return tree, nil
}

// ConcurrentCalls is how many calls are made side by side, whatever the size of a tree.
const ConcurrentCalls = 4

// DescribeTree describes the stacks of a tree side by side, in its order.
func DescribeTree(ctx context.Context, api StackDescriber, tree []StackRef) ([]Stack, error) {
	stacks := make([]Stack, len(tree))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(ConcurrentCalls)
	for i, s := range tree {
		group.Go(func() (err error) {
			stacks[i], err = api.Stack(groupCtx, s.ID)
			return err
		})
	}
	return stacks, group.Wait()
}

// StackOutputs are the outputs of one stack of a tree.
type StackOutputs struct {
	Path    address.Path // logical ids from the root; empty for the root
	Name    string       // CloudFormation's name of the stack
	Outputs []Output
}

// TreeOutputs returns the outputs of a tree, stack by stack, and its root. A stack without outputs is left out.
func TreeOutputs(ctx context.Context, api StackDescriber, tree []StackRef) ([]StackOutputs, Stack, error) {
	stacks, err := DescribeTree(ctx, api, tree)
	if err != nil {
		return nil, Stack{}, err
	}
	var all []StackOutputs
	for i, s := range stacks {
		if len(s.Outputs) > 0 {
			all = append(all, StackOutputs{Path: tree[i].Path, Name: s.Name, Outputs: s.Outputs})
		}
	}
	return all, stacks[0], nil
}

// OutputsOf returns the outputs of a root stack, by its id, and of all that are nested in it, the root's first.
func OutputsOf(ctx context.Context, api TreeReader, root string) ([]StackOutputs, error) {
	tree, err := Tree(ctx, api, root)
	if err != nil {
		return nil, err
	}
	outputs, _, err := TreeOutputs(ctx, api, tree)
	return outputs, err
}
