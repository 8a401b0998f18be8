package cfn

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
)

// Stack is the current state of a stack.
type Stack struct {
	ID        string // its ARN
	Name      string
	Status    status.Status // StackStatus in the API
	Reason    string        // why it is in that status, often empty
	Tags      map[string]string
	Outputs   []Output
	Protected bool      // termination protection is on
	Updated   time.Time // of the last update, or of the creation
	ChangeSet string    // id of the change set that was executed last, or ""
	Drift     Drift
}

// Drift is what the last drift detection of a stack found.
type Drift struct {
	Status  types.StackDriftStatus // "" when CloudFormation says nothing
	Checked time.Time              // zero when nobody has looked
}

// Output is an output of a stack.
type Output struct {
	Key         string
	Value       string
	Export      string // the name that other stacks import it by, or ""
	Description string
}

// Running reports whether an operation on the stack has not ended.
func (s Stack) Running() bool {
	return s.Status.InProgress()
}

// Stack describes one stack by its name or id; [ErrNotFound] when there is none. A deleted stack is found by its id
// only.
func (c *Client) Stack(ctx context.Context, stack string) (Stack, error) {
	out, err := c.api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack})
	switch {
	case err != nil && notFound(err):
		return Stack{}, fmt.Errorf("stack %s %w", stack, ErrNotFound)
	case err != nil:
		return Stack{}, fmt.Errorf("describe stack %s: %w", stack, err)
	case len(out.Stacks) == 0:
		return Stack{}, fmt.Errorf("stack %s %w", stack, ErrNotFound)
	}
	return fromStack(out.Stacks[0]), nil
}

func fromStack(s types.Stack) Stack {
	stack := Stack{
		ID: aws.ToString(s.StackId), Name: aws.ToString(s.StackName), Status: status.Status(s.StackStatus),
		Reason: aws.ToString(s.StackStatusReason), Tags: map[string]string{},
		Protected: aws.ToBool(s.EnableTerminationProtection), Updated: aws.ToTime(s.CreationTime),
	}
	stack.ChangeSet = aws.ToString(s.ChangeSetId)
	if s.DriftInformation != nil {
		stack.Drift = Drift{s.DriftInformation.StackDriftStatus, aws.ToTime(s.DriftInformation.LastCheckTimestamp)}
	}
	if s.LastUpdatedTime != nil {
		stack.Updated = *s.LastUpdatedTime
	}
	for _, t := range s.Tags {
		stack.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	for _, o := range s.Outputs {
		stack.Outputs = append(stack.Outputs, Output{
			Key: aws.ToString(o.OutputKey), Value: aws.ToString(o.OutputValue),
			Export: aws.ToString(o.ExportName), Description: aws.ToString(o.Description),
		})
	}
	return stack
}

// Template returns the template of a stack as it was passed to CloudFormation, or "" if the stack has none yet;
// [ErrNotFound] when there is no such stack.
func (c *Client) Template(ctx context.Context, stack string) (string, error) {
	out, err := c.api.GetTemplate(
		ctx, &cloudformation.GetTemplateInput{StackName: &stack, TemplateStage: types.TemplateStageOriginal},
	)
	switch {
	case err != nil && notFound(err):
		return "", fmt.Errorf("stack %s %w", stack, ErrNotFound)
	case err != nil:
		return "", fmt.Errorf("get the template of stack %s: %w", stack, err)
	}
	return aws.ToString(out.TemplateBody), nil
}

// PlannedTemplate is the template that a change set, by its ARN, would bring.
func (c *Client) PlannedTemplate(ctx context.Context, changeSet string) (string, error) {
	out, err := c.api.GetTemplate(
		ctx, &cloudformation.GetTemplateInput{ChangeSetName: &changeSet, TemplateStage: types.TemplateStageOriginal},
	)
	if err != nil {
		return "", fmt.Errorf("get the template of change set %s: %w", changeSet, err)
	}
	return aws.ToString(out.TemplateBody), nil
}

// Resource is the current state of a resource.
type Resource struct {
	LogicalID  string
	PhysicalID string
	Type       string
	Status     status.Status
	Reason     string
}

// Resources lists every resource of a stack, nested stacks among them but not what is in those.
func (c *Client) Resources(ctx context.Context, stack string) ([]Resource, error) {
	var all []Resource
	pages := cloudformation.NewListStackResourcesPaginator(
		c.api, &cloudformation.ListStackResourcesInput{StackName: &stack},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		switch {
		case err != nil && notFound(err):
			return nil, fmt.Errorf("stack %s %w", stack, ErrNotFound)
		case err != nil:
			return nil, fmt.Errorf("list the resources of stack %s: %w", stack, err)
		}
		for _, r := range page.StackResourceSummaries {
			all = append(all, Resource{
				LogicalID: aws.ToString(r.LogicalResourceId), PhysicalID: aws.ToString(r.PhysicalResourceId),
				Type: aws.ToString(r.ResourceType), Status: status.Status(r.ResourceStatus),
				Reason: aws.ToString(r.ResourceStatusReason),
			})
		}
	}
	return all, nil
}

// Importers lists the names of the stacks that import an export; none when nobody does.
func (c *Client) Importers(ctx context.Context, export string) ([]string, error) {
	var all []string
	pages := cloudformation.NewListImportsPaginator(c.api, &cloudformation.ListImportsInput{ExportName: &export})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			// "Export 'X' is not imported by any stack." is how AWS says none.
			if strings.Contains(err.Error(), "is not imported by any stack") || notFound(err) {
				return nil, nil
			}
			return nil, fmt.Errorf("list who imports %s: %w", export, err)
		}
		all = append(all, page.Imports...)
	}
	return all, nil
}

// Exporters returns the ids of the stacks of the account and region that export a value, by the export's name.
func (c *Client) Exporters(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	for pages := cloudformation.NewListExportsPaginator(c.api, &cloudformation.ListExportsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list exports: %w", err)
		}
		for _, e := range page.Exports {
			all[aws.ToString(e.Name)] = aws.ToString(e.ExportingStackId)
		}
	}
	return all, nil
}

// Delete begins to delete a stack. The token makes a second try of the same deletion no second deletion.
func (c *Client) Delete(ctx context.Context, stack, token string) error {
	_, err := c.api.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &stack, ClientRequestToken: &token})
	if err != nil {
		return fmt.Errorf("delete stack %s: %w", stack, err)
	}
	return nil
}

// Protect turns the termination protection of a root stack on: until it is turned off, the stack can't be deleted.
func (c *Client) Protect(ctx context.Context, stack string) error {
	_, err := c.api.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{
		StackName: &stack, EnableTerminationProtection: aws.Bool(true),
	})
	if err != nil {
		return fmt.Errorf("turn on termination protection of stack %s: %w", stack, err)
	}
	return nil
}

// IsNotFound reports whether a stack or change set was not there.
func IsNotFound(err error) bool { return errors.Is(err, ErrNotFound) }

// Gone reports whether the resource does not exist: it never did, or it was deleted, or left behind.
func (r Resource) Gone() bool {
	return r.PhysicalID == "" || r.Status == status.DeleteComplete || r.Status == status.DeleteSkipped
}

// NestedStack reports whether the resource is a stack that exists.
func (r Resource) NestedStack() bool {
	return r.Type == events.StackType && !r.Gone()
}
