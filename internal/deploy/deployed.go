package deploy

import (
	"context"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/manifest"
)

// OwnStacks is what a command needs of CloudFormation that works on a deployed site beside its stacks.
type OwnStacks interface {
	cfn.TreeReader
	ownership.Stacks
}

// deployedRoot returns the root stack of a deployed site.
func deployedRoot(ctx context.Context, stacks cfn.StackDescriber, m *manifest.Manifest) (cfn.Stack, error) {
	root, err := stacks.Stack(ctx, m.Site)
	switch {
	case cfn.IsNotFound(err):
		return root, notDeployed(m)
	case err != nil:
		return root, outcome.Errorf(outcome.Failed, "%w", err)
	}
	return root, nil
}

// ownRoot is [deployedRoot], and refuses a stack that only happens to have the site's name.
func ownRoot(ctx context.Context, stacks OwnStacks, m *manifest.Manifest) (cfn.Stack, error) {
	root, err := deployedRoot(ctx, stacks, m)
	if err != nil {
		return root, err
	}
	return root, ownership.Check(ctx, stacks, m, root)
}

func notDeployed(m *manifest.Manifest) error {
	return outcome.Errorf(outcome.Failed, "%s is not deployed in %s", m.Site, m.Region).
		Advise("create it with: deploy up %s", m.ToDeploy())
}
