package deploy

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/ownership"
)

// neverExecutable reports whether a change set can never be executed: it failed, or the stack has moved on.
func neverExecutable(c cfn.ChangeSetSummary) bool {
	return c.Status == types.ChangeSetStatusFailed || c.ExecutionStatus == types.ExecutionStatusObsolete
}

// mayBeExecuted reports whether a change set can be executed, or soon can be: while it is made it is unavailable.
func mayBeExecuted(c cfn.ChangeSetSummary) bool {
	return c.ExecutionStatus == types.ExecutionStatusAvailable || c.Status == types.ChangeSetStatusCreatePending ||
		c.Status == types.ChangeSetStatusCreateInProgress
}

// deleteDeadChangeSets deletes the root change sets of this program that can never be executed, and lists what is left.
// One that waits is left alone: somebody saved it, or is looking at it.
func deleteDeadChangeSets(ctx context.Context, api Discarding, stackID string) ([]cfn.ChangeSetSummary, error) {
	all, err := api.ChangeSetsOf(ctx, stackID)
	if err != nil {
		return nil, err
	}
	var left []cfn.ChangeSetSummary
	for _, c := range all {
		if !ownership.IsOwnChangeSet(c) || c.Parent != "" || !neverExecutable(c) {
			left = append(left, c)
			continue
		}
		if err := api.DeleteChangeSet(ctx, c.ID); err != nil && !cfn.Rejected(err) {
			return nil, err
		}
	}
	return left, nil
}

// manyChangeSets is when a stack has so many change sets that a person should look. CloudFormation does not document at
// how many it refuses to make another one; people have met the limit in the hundreds.
const manyChangeSets = 100

// otherPlans returns notes on the change sets that wait beside the one being made.
func otherPlans(pending []cfn.ChangeSetSummary) []string {
	var notes []string
	for _, c := range slices.Backward(pending) {
		if ownership.IsOwnChangeSet(c) && c.Parent == "" && c.ExecutionStatus == "AVAILABLE" {
			notes = append(
				notes,
				fmt.Sprintf(
					"there is another plan, which becomes obsolete when this one is deployed: %s (%s)", c.Name,
					c.Description,
				),
			)
		}
	}
	if len(pending) >= manyChangeSets {
		notes = append(notes, changeSetCounts("the root stack", len(pending)))
	}
	return notes
}

func changeSetCounts(stack string, n int) string {
	return fmt.Sprintf(
		"%s has %d change sets; at some number CloudFormation makes no more: delete those that nobody needs", stack, n,
	)
}

// changeSetLimitNotes returns notes on nested stacks that have many change sets. Each deployment leaves one in a stack in which
// nothing changes, which can't be deleted but with its root's: https://github.com/aws/copilot-cli/issues/5614.
func changeSetLimitNotes(ctx context.Context, api Discarding, ids map[string]string) ([]string, error) {
	paths := slices.Sorted(maps.Keys(ids))
	counts := make([]int, len(paths))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cfn.ConcurrentCalls)
	for i, path := range paths {
		if path == "" {
			continue
		}
		group.Go(func() error {
			all, err := api.ChangeSetsOf(groupCtx, ids[path])
			if counts[i] = len(all); cfn.IsNotFound(err) {
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var notes []string
	for i, path := range paths {
		if counts[i] >= manyChangeSets {
			notes = append(notes, changeSetCounts("stack "+path, counts[i]))
		}
	}
	return notes, nil
}
