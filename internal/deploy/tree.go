package deploy

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/manifest"
)

// Branch is one stack of a tree that is deployed.
type Branch struct {
	ID   string   // its ARN
	Path []string // logical ids from the root; empty for the root
}

// Tree finds a root stack, by its id, and all that are nested in it, parents first.
func Tree(ctx context.Context, api interface {
	Resources(ctx context.Context, stack string) ([]cfn.Resource, error)
}, root string,
) ([]Branch, error) {
	found, err := treeOf(ctx, api, stackRef{id: root})
	if err != nil {
		return nil, err
	}
	tree := make([]Branch, len(found))
	for i, s := range found {
		tree[i] = Branch{ID: s.id, Path: s.path}
	}
	return tree, nil
}

// InventoryStacks is what [TakeInventory] needs of CloudFormation.
type InventoryStacks interface{ inventoryStacks }

// TakeInventory reads what a deployed tree consists of, and what becomes of each part when it is deleted, by the deployed templates.
func TakeInventory(ctx context.Context, api InventoryStacks, root cfn.Stack, m *manifest.Manifest) (*Inventory, error) {
	return takeInventory(ctx, api, root, statefulOf(m))
}

// Follow shows an operation on a stack of a site's tree, from a mark before it, until it has ended. When the end is not the one that
// is wanted, the failure says what went wrong on the way and what to do about it.
func Follow(ctx context.Context, source events.Source, view Watching, m *manifest.Manifest, stack string, mark events.Cursor, want status.Status) (events.End, Failure, error) {
	w := &follower{source: source, view: view, manifest: m}
	end, err := w.follow(ctx, stack, mark)
	if err != nil || end.Status == want {
		return end, Failure{Site: m.Site}, err
	}
	return end, explain(ctx, source, m, &w.causes), nil
}

// Config is the AWS configuration of the site's account, for clients of other services than CloudFormation.
func (s *Session) Config() aws.Config { return s.config }
