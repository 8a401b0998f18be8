package deploy

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/manifest"
)

// InventoryStacks is what [TakeInventory] needs of CloudFormation.
type InventoryStacks interface{ inventoryStacks }

// TakeInventory reads what a deployed tree consists of, and what becomes of each part when it is deleted, by the deployed templates.
func TakeInventory(ctx context.Context, api InventoryStacks, root cfn.Stack, m *manifest.Manifest) (*Inventory, error) {
	return takeInventory(ctx, api, root, statefulOf(m))
}

// Follow shows an operation on a stack of a site's tree, from a mark before it, until it has ended. When the end is not the one that
// is wanted, the failure says what went wrong on the way and what to do about it.
func Follow(ctx context.Context, source events.Source, view Watching, m *manifest.Manifest, stack string, mark events.Cursor, want string) (events.End, Failure, error) {
	w := &follower{source: source, view: view, manifest: m}
	end, err := w.follow(ctx, stack, mark)
	if err != nil || end.Status == want {
		return end, Failure{Site: m.Site}, err
	}
	return end, explain(ctx, source, m, &w.causes), nil
}

// Config is the AWS configuration of the site's account, for clients of other services than CloudFormation.
func (s *Session) Config() aws.Config { return s.config }
