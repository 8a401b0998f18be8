package deploy

import (
	"context"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/manifest"
)

// OutputsStacks is what [Outputs] needs of CloudFormation.
type OutputsStacks interface {
	cfn.TreeReader
}

// Outputs reads the outputs of a deployed site.
type Outputs struct {
	Site     *manifest.Manifest
	Stacks   OutputsStacks
	Identify func(context.Context) (account.Caller, error)
}

// Run gives the outputs of the whole tree, the root's first.
func (o *Outputs) Run(ctx context.Context) ([]cfn.StackOutputs, error) {
	if _, err := o.Identify(ctx); err != nil {
		return nil, err
	}
	root, err := deployedRoot(ctx, o.Stacks, o.Site)
	if err != nil {
		return nil, err
	}
	return cfn.OutputsOf(ctx, o.Stacks, root.ID)
}
