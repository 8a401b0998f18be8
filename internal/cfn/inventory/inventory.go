// Package inventory reads what a deployed tree of stacks consists of, and what becomes of each part when it is deleted.
package inventory

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
)

// Holding is a resource that exists, and what becomes of it when its stack is deleted.
type Holding struct {
	Path         address.Path // of its stack
	LogicalID    string
	PhysicalID   string
	Type         string
	PolicyAction changeset.PolicyAction
	Stateful     bool
}

// Inventory is what a deployed tree of stacks consists of.
type Inventory struct {
	Site     string
	Stacks   int
	Holdings []Holding
	Imported []Imported // exports that stacks outside the tree use
	// LogGroups are made by services and named in outputs: no stack has them, and no deletion takes them along.
	LogGroups []Holding
}

// Imported is an export in use.
type Imported struct {
	Export string
	By     []string // names of stacks
}

// Stacks is what [Take] needs of CloudFormation.
type Stacks interface {
	cfn.TreeReader
	Template(ctx context.Context, stack string) (string, error)
	Importers(ctx context.Context, export string) ([]string, error)
}

// Take reads every resource of a tree, what the deployed templates say about its end, and who uses its exports. An
// output of the key logGroup names a log group that a service made; with "" there is none.
func Take(ctx context.Context, api Stacks, root cfn.Stack, holds changeset.Holds, logGroup string) (*Inventory, error) {
	tree, err := cfn.Tree(ctx, api, root.ID)
	if err != nil {
		return nil, err
	}
	inventory := &Inventory{Site: root.Name, Stacks: len(tree)}
	holdings := make([][]Holding, len(tree))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cfn.ConcurrentCalls)
	for i, s := range tree {
		group.Go(func() (err error) {
			holdings[i], err = readHoldings(groupCtx, api, s, holds)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	inventory.Holdings = slices.Concat(holdings...)
	stacks, err := cfn.DescribeTree(ctx, api, tree)
	if err != nil {
		return nil, err
	}
	inventory.LogGroups = logGroups(tree, stacks, logGroup)
	inventory.Imported, err = importedFrom(ctx, api, stacks)
	return inventory, err
}

// logGroups returns the log groups that outputs of a key name. A root that failed before its outputs were there has the
// group in a nested stack only; otherwise both name it.
func logGroups(tree []cfn.StackRef, stacks []cfn.Stack, key string) (all []Holding) {
	for i, s := range stacks {
		for _, o := range s.Outputs {
			named := func(h Holding) bool { return h.PhysicalID == o.Value }
			if key == "" || o.Key != key || slices.ContainsFunc(all, named) {
				continue
			}
			all = append(all, Holding{
				Path: tree[i].Path, LogicalID: o.Key, PhysicalID: o.Value, Type: "AWS::Logs::LogGroup",
				PolicyAction: changeset.PolicyRetain, Stateful: true,
			})
		}
	}
	return all
}

func readHoldings(ctx context.Context, api Stacks, s cfn.StackRef, holds changeset.Holds) ([]Holding, error) {
	body, err := api.Template(ctx, s.ID)
	if err != nil && !cfn.IsNotFound(err) {
		return nil, err
	}
	deployed, unreadable := template.ParseDeployed(body)
	var all []Holding
	for _, r := range s.Resources {
		if r.NestedStack() || r.Gone() {
			continue
		}
		policyAction := deployed.Resource(r.LogicalID).OnDeletion()
		if unreadable != nil && body != "" { // that must not keep anybody from deleting the stack
			policyAction = changeset.PolicyUnknown
		}
		all = append(all, Holding{
			Path: s.Path, LogicalID: r.LogicalID, PhysicalID: r.PhysicalID, Type: r.Type,
			PolicyAction: policyAction, Stateful: holds.Data(s.Path, r.LogicalID, r.Type),
		})
	}
	return all, nil
}

// importedFrom asks who outside the tree imports its exports: CloudFormation refuses to delete those.
func importedFrom(ctx context.Context, api Stacks, stacks []cfn.Stack) ([]Imported, error) {
	var exports, own []string
	for _, s := range stacks {
		own = append(own, s.Name)
		for _, o := range s.Outputs {
			if o.Export != "" {
				exports = append(exports, o.Export)
			}
		}
	}
	all := make([]Imported, len(exports))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cfn.ConcurrentCalls)
	for i, export := range exports {
		group.Go(func() error {
			by, err := api.Importers(groupCtx, export)
			all[i] = Imported{
				export,
				slices.DeleteFunc(by, func(name string) bool { return slices.Contains(own, name) }),
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(i Imported) bool { return len(i.By) == 0 }), nil
}
