package cfn

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// ContinueUpdateRollback goes on with a rollback that failed. What is to be skipped is named by its logical id or, in a nested stack, as
// STACKNAME.LogicalId
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html).
func (c *Client) ContinueUpdateRollback(ctx context.Context, stack string, skip []string, token string) error {
	_, err := c.api.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{
		StackName: &stack, ResourcesToSkip: skip, ClientRequestToken: &token,
	})
	if err != nil {
		return fmt.Errorf("continue the rollback of stack %s: %w", stack, err)
	}
	return nil
}

// RollbackStack rolls back a creation or an update that failed and was kept as it was.
func (c *Client) RollbackStack(ctx context.Context, stack, token string) error {
	_, err := c.api.RollbackStack(ctx, &cloudformation.RollbackStackInput{StackName: &stack, ClientRequestToken: &token})
	if err != nil {
		return fmt.Errorf("roll stack %s back: %w", stack, err)
	}
	return nil
}

// DeleteRetaining deletes a stack whose deletion failed, and leaves resources of it behind, by their logical ids. Those of nested
// stacks can't be named to the root.
func (c *Client) DeleteRetaining(ctx context.Context, stack string, leave []string, token string) error {
	_, err := c.api.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &stack, RetainResources: leave, ClientRequestToken: &token})
	if err != nil {
		return fmt.Errorf("delete stack %s, leaving %v: %w", stack, leave, err)
	}
	return nil
}

// Unprotect turns the termination protection of a root stack off.
func (c *Client) Unprotect(ctx context.Context, stack string) error {
	_, err := c.api.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{
		StackName: &stack, EnableTerminationProtection: aws.Bool(false),
	})
	if err != nil {
		return fmt.Errorf("turn off termination protection of stack %s: %w", stack, err)
	}
	return nil
}
