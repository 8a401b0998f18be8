package cfn

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/events"
)

// Details is what validations and hooks found in an operation of a stack, the newest first: no event contains it. The call needs a
// permission of its own, cloudformation:DescribeEvents.
func (c *Client) Details(ctx context.Context, stackID, operation string) ([]events.Detail, error) {
	in := &cloudformation.DescribeEventsInput{StackName: &stackID, Filters: &types.EventFilter{FailedEvents: aws.Bool(true)}}
	if operation != "" {
		in.StackName, in.OperationId = nil, &operation
	}
	all, err := c.details(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("describe the events of stack %s: %w", stackID, err)
	}
	return all, nil
}

// PlanDetails is what validations and hooks found in a change set, a nested one by its own id. It needs the permission of [Client.Details].
func (c *Client) PlanDetails(ctx context.Context, changeSet string) ([]events.Detail, error) {
	all, err := c.details(ctx, &cloudformation.DescribeEventsInput{ChangeSetName: &changeSet, Filters: &types.EventFilter{FailedEvents: aws.Bool(true)}})
	if err != nil {
		return nil, fmt.Errorf("describe the events of change set %s: %w", changeSet, err)
	}
	return all, nil
}

func (c *Client) details(ctx context.Context, in *cloudformation.DescribeEventsInput) ([]events.Detail, error) {
	var all []events.Detail
	for pages := 0; pages < 10; pages++ { // one operation's failures: more would not help
		out, err := c.api.DescribeEvents(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, e := range out.OperationEvents {
			switch e.EventType {
			case types.EventTypeValidationError:
				all = append(all, events.Detail{
					LogicalID: aws.ToString(e.LogicalResourceId), Kind: events.DetailKind(e.EventType), Name: aws.ToString(e.ValidationName),
					Path: aws.ToString(e.ValidationPath), Reason: aws.ToString(e.ValidationStatusReason),
				})
			case types.EventTypeHookInvocationError:
				all = append(all, events.Detail{
					LogicalID: aws.ToString(e.LogicalResourceId), Kind: events.DetailKind(e.EventType), Name: aws.ToString(e.HookType),
					Reason: aws.ToString(e.HookStatusReason),
				})
			}
		}
		if aws.ToString(out.NextToken) == "" {
			break
		}
		in.NextToken = out.NextToken
	}
	return all, nil
}

// CancelUpdate takes an update back that runs; a creation has no such thing.
func (c *Client) CancelUpdate(ctx context.Context, stack, token string) error {
	_, err := c.api.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: &stack, ClientRequestToken: &token})
	if err != nil {
		return fmt.Errorf("cancel the update of stack %s: %w", stack, err)
	}
	return nil
}
