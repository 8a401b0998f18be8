package cfn

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// ChangeSetRequest asks for a change set of a tree of stacks.
type ChangeSetRequest struct {
	Stack       string // name of the root stack
	Create      bool   // the stack does not exist yet, or is only in review
	Name        string
	Description string
	Body        string            // the root template, up to 51,200 bytes,
	URL         string            // or where it lies in S3
	Tags        map[string]string // of the stack, passed on to every resource
	RootOnly    bool              // nested stacks are not planned; they are deployed all the same when it is executed
	Token       string            // a second try with the same token makes no second change set
}

// CreateChangeSet begins to make a change set, of the whole tree unless it is asked for the root only, and gives its id
// and the root stack's. Only CAPABILITY_IAM is ever passed: roles have no names of their own, and macros exclude nested
// change sets.
func (c *Client) CreateChangeSet(ctx context.Context, r ChangeSetRequest) (id, stackID string, err error) {
	in := &cloudformation.CreateChangeSetInput{
		StackName: &r.Stack, ChangeSetName: &r.Name, Description: &r.Description, ClientToken: &r.Token,
		ChangeSetType: types.ChangeSetTypeUpdate, IncludeNestedStacks: aws.Bool(!r.RootOnly),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam}, Tags: []types.Tag{},
	}
	if r.Create {
		in.ChangeSetType = types.ChangeSetTypeCreate
	}
	if r.Body != "" {
		in.TemplateBody = &r.Body
	} else {
		in.TemplateURL = &r.URL
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(r.Tags[key])})
	}
	out, err := c.api.CreateChangeSet(ctx, in)
	if err != nil {
		return "", "", fmt.Errorf("create change set for stack %s: %w", r.Stack, err)
	}
	return aws.ToString(out.Id), aws.ToString(out.StackId), nil
}

// ChangeSet describes a change set by its id, all of its pages put together. With values the answer has the properties
// before and after, and may lack changes that the one without has.
func (c *Client) ChangeSet(ctx context.Context, id string, values bool) (*cloudformation.DescribeChangeSetOutput, error) {
	in := &cloudformation.DescribeChangeSetInput{ChangeSetName: &id, IncludePropertyValues: aws.Bool(values)}
	var whole *cloudformation.DescribeChangeSetOutput
	for {
		page, err := c.api.DescribeChangeSet(ctx, in)
		switch {
		case err != nil && notFound(err):
			return nil, fmt.Errorf("change set %s %w", id, ErrNotFound)
		case err != nil:
			return nil, fmt.Errorf("describe change set %s: %w", id, err)
		case whole == nil:
			whole = page
		default:
			whole.Changes = append(whole.Changes, page.Changes...)
		}
		if aws.ToString(page.NextToken) == "" {
			return whole, nil
		}
		in.NextToken = page.NextToken
	}
}

// ChangeSetSummary is one line of a stack's list of change sets.
type ChangeSetSummary struct {
	ID, Name, Description string
	Status                types.ChangeSetStatus
	ExecutionStatus       types.ExecutionStatus
	Parent                string // the change set that it is nested in, or ""
	Created               time.Time
}

// ChangeSetsOf lists the change sets that a stack has pending.
func (c *Client) ChangeSetsOf(ctx context.Context, stack string) ([]ChangeSetSummary, error) {
	var all []ChangeSetSummary
	pages := cloudformation.NewListChangeSetsPaginator(c.api, &cloudformation.ListChangeSetsInput{StackName: &stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		switch {
		case err != nil && notFound(err):
			return nil, fmt.Errorf("stack %s %w", stack, ErrNotFound)
		case err != nil:
			return nil, fmt.Errorf("list the change sets of stack %s: %w", stack, err)
		}
		for _, s := range page.Summaries {
			all = append(all, ChangeSetSummary{
				ID: aws.ToString(s.ChangeSetId), Name: aws.ToString(s.ChangeSetName),
				Description: aws.ToString(s.Description),
				Status:      s.Status, ExecutionStatus: s.ExecutionStatus,
				Parent: aws.ToString(s.ParentChangeSetId), Created: aws.ToTime(s.CreationTime),
			})
		}
	}
	return all, nil
}

// Execute carries a root change set out, its nested ones with it. The token is on every event of the operation.
func (c *Client) Execute(ctx context.Context, id, token string) error {
	_, err := c.api.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{ChangeSetName: &id, ClientRequestToken: &token})
	if err != nil {
		return fmt.Errorf("execute change set %s: %w", id, err)
	}
	return nil
}

// DeleteChangeSet deletes a root change set and begins to delete those nested in it.
func (c *Client) DeleteChangeSet(ctx context.Context, id string) error {
	if _, err := c.api.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{ChangeSetName: &id}); err != nil {
		return fmt.Errorf("delete change set %s: %w", id, err)
	}
	return nil
}
