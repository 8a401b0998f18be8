package cfn

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
)

// Events gives one page of a stack's events, the newest first. It is never tried again by the SDK: who watches has a
// budget of calls, and a refusal only moves its next one. Such errors have [events.ErrLater] in their chain.
func (c *Client) Events(ctx context.Context, stackID, page string) ([]events.Event, string, error) {
	in := &cloudformation.DescribeStackEventsInput{StackName: &stackID}
	if page != "" {
		in.NextToken = &page
	}
	out, err := c.api.DescribeStackEvents(ctx, in, func(o *cloudformation.Options) { o.RetryMaxAttempts = 1 })
	switch {
	case err != nil && ctx.Err() == nil && (passes(err) || notFound(err)): // a nested stack may be named before it can be read
		return nil, "", fmt.Errorf("%w: %w", events.ErrLater, err)
	case err != nil:
		return nil, "", err
	}
	all := make([]events.Event, 0, len(out.StackEvents))
	for _, e := range out.StackEvents {
		all = append(all, events.Event{
			ID: aws.ToString(e.EventId), Time: aws.ToTime(e.Timestamp),
			StackID: aws.ToString(e.StackId), StackName: aws.ToString(e.StackName),
			LogicalID: aws.ToString(e.LogicalResourceId), PhysicalID: aws.ToString(e.PhysicalResourceId),
			Type: aws.ToString(e.ResourceType), Status: status.Status(e.ResourceStatus),
			Reason: aws.ToString(e.ResourceStatusReason), Token: aws.ToString(e.ClientRequestToken),
			Operation: aws.ToString(e.OperationId),
		})
	}
	return all, aws.ToString(out.NextToken), nil
}
