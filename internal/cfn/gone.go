package cfn

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/status"
)

// Gone lists the ids of the stacks that had a name and were deleted, the one that was deleted last first.
// CloudFormation remembers them for 90 days (API reference, ListStacks). Their events can be read by these ids.
func (c *Client) Gone(ctx context.Context, name string) ([]string, error) {
	var gone []types.StackSummary
	pages := cloudformation.NewListStacksPaginator(
		c.api, &cloudformation.ListStacksInput{StackStatusFilter: []types.StackStatus{types.StackStatusDeleteComplete}},
	)
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

// Holder is the name of the stack that holds a resource, by its physical id; "" when no stack does. CloudFormation
// names one stack alone (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/998), and tells
// of deleted ones too (API reference, DescribeStackResources). It lists the first 100 resources of that stack: the one
// that was asked for need not be among them.
func (c *Client) Holder(ctx context.Context, physicalID string) (string, error) {
	out, err := c.api.DescribeStackResources(
		ctx, &cloudformation.DescribeStackResourcesInput{PhysicalResourceId: &physicalID},
	)
	switch {
	case err != nil && notFound(err):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("ask which stack holds %s: %w", physicalID, err)
	}
	holders := map[string]bool{}
	for _, r := range out.StackResources {
		stack := aws.ToString(r.StackId)
		if aws.ToString(r.PhysicalResourceId) != physicalID {
			if _, said := holders[stack]; !said {
				holders[stack] = true
			}
			continue
		}
		holders[stack] = !Resource{PhysicalID: physicalID, Status: status.Status(r.ResourceStatus)}.Gone()
	}
	for id, holds := range holders {
		if !holds {
			continue
		}
		stack, err := c.Stack(ctx, id)
		switch {
		case IsNotFound(err):
		case err != nil:
			return "", fmt.Errorf("ask which stack holds %s: %w", physicalID, err)
		case stack.Status != status.DeleteComplete:
			return stack.Name, nil
		}
	}
	return "", nil
}
