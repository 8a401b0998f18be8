package cfn

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// ResourceDrift is a resource that differs from its template.
type ResourceDrift struct {
	LogicalID  string
	PhysicalID string
	Type       string
	Status     types.StackResourceDriftStatus // MODIFIED or DELETED
}

// Drifted lists the resources of a stack that the last look for drift found changed or deleted; their Status says
// which. It begins no new look.
func (c *Client) Drifted(ctx context.Context, stack string) ([]ResourceDrift, error) {
	var all []ResourceDrift
	pages := cloudformation.NewListStackResourcesPaginator(
		c.api, &cloudformation.ListStackResourcesInput{StackName: &stack},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the resources of stack %s: %w", stack, err)
		}
		for _, r := range page.StackResourceSummaries {
			d := r.DriftInformation
			if d != nil &&
				(d.StackResourceDriftStatus == types.StackResourceDriftStatusModified || d.StackResourceDriftStatus == types.StackResourceDriftStatusDeleted) {
				all = append(all, ResourceDrift{
					LogicalID: aws.ToString(r.LogicalResourceId), PhysicalID: aws.ToString(r.PhysicalResourceId),
					Type:   aws.ToString(r.ResourceType),
					Status: d.StackResourceDriftStatus,
				})
			}
		}
	}
	return all, nil
}

// DetectDrift begins a look for drift in one stack, nested ones left out, and gives its id.
func (c *Client) DetectDrift(ctx context.Context, stack string) (string, error) {
	out, err := c.api.DetectStackDrift(ctx, &cloudformation.DetectStackDriftInput{StackName: &stack})
	if err != nil {
		return "", fmt.Errorf("look for drift in stack %s: %w", stack, err)
	}
	return aws.ToString(out.StackDriftDetectionId), nil
}

// DriftDetected reports whether a look for drift has ended; failed is why it could not see everything, or "".
func (c *Client) DriftDetected(ctx context.Context, id string) (done bool, failed string, err error) {
	out, err := c.api.DescribeStackDriftDetectionStatus(
		ctx, &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: &id},
	)
	if err != nil {
		return false, "", fmt.Errorf("see how the look for drift goes: %w", err)
	}
	switch out.DetectionStatus {
	case types.StackDriftDetectionStatusDetectionInProgress:
		return false, "", nil
	case types.StackDriftDetectionStatusDetectionFailed:
		return true, aws.ToString(out.DetectionStatusReason), nil
	}
	return true, "", nil
}

// DriftOf gives what the last look for drift in a stack found, resource by resource; those that CloudFormation can't
// look at are not in it.
func (c *Client) DriftOf(ctx context.Context, stack string) ([]types.StackResourceDrift, error) {
	var all []types.StackResourceDrift
	pages := cloudformation.NewDescribeStackResourceDriftsPaginator(
		c.api, &cloudformation.DescribeStackResourceDriftsInput{StackName: &stack},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the drift of stack %s: %w", stack, err)
		}
		all = append(all, page.StackResourceDrifts...)
	}
	return all, nil
}
