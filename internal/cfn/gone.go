package cfn

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Gone lists the ids of the stacks that had a name and were deleted, the one that was deleted last first. CloudFormation remembers
// them for 90 days (API reference, ListStacks). Their events can be read by these ids.
func (c *Client) Gone(ctx context.Context, name string) ([]string, error) {
	var gone []types.StackSummary
	pages := cloudformation.NewListStacksPaginator(c.api, &cloudformation.ListStacksInput{StackStatusFilter: []types.StackStatus{types.StackStatusDeleteComplete}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the deleted stacks: %w", err)
		}
		for _, s := range page.StackSummaries {
			if aws.ToString(s.StackName) == name {
				gone = append(gone, s)
			}
		}
	}
	slices.SortStableFunc(gone, func(a, b types.StackSummary) int {
		return aws.ToTime(b.DeletionTime).Compare(aws.ToTime(a.DeletionTime))
	})
	ids := make([]string, len(gone))
	for i, s := range gone {
		ids[i] = aws.ToString(s.StackId)
	}
	return ids, nil
}
