package cfntest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func (a *Account) describeStacks(in *cloudformation.DescribeStacksInput) (*cloudformation.DescribeStacksOutput, error) {
	var all []types.Stack
	for _, s := range slices.Backward(a.stacks) {
		if in.StackName == nil && s.status != deleteComplete {
			all = append(all, a.describe(s))
		}
	}
	if in.StackName != nil {
		s := a.find(*in.StackName)
		if s == nil {
			return nil, invalid("Stack with id %s does not exist", *in.StackName)
		}
		all = append(all, a.describe(s))
	}
	page, next, err := pageOf(a, all, in.NextToken)
	return &cloudformation.DescribeStacksOutput{Stacks: page, NextToken: next}, err
}

// describe returns a stack as it is, or as it was while descriptions are stale.
func (a *Account) describe(s *stack) types.Stack {
	d := types.Stack{
		StackId: &s.id, StackName: &s.name, StackStatus: types.StackStatus(s.status), StackStatusReason: notEmpty(s.reason),
		CreationTime: &s.created, Tags: tagsOf(s.tags), Parameters: parametersOf(s.version), Capabilities: s.capabilities,
		DisableRollback: &s.disableRollback, NotificationARNs: []string{}, RollbackConfiguration: &types.RollbackConfiguration{},
		DriftInformation: &types.StackDriftInformation{StackDriftStatus: s.drift}, Description: notEmpty(""),
	}
	if d.Tags == nil {
		d.Tags = []types.Tag{}
	}
	if !s.updated.IsZero() {
		d.LastUpdatedTime = &s.updated
	}
	if !s.driftChecked.IsZero() {
		d.DriftInformation.LastCheckTimestamp = &s.driftChecked
	}
	for _, o := range s.outputs {
		d.Outputs = append(d.Outputs, types.Output{
			OutputKey: aws.String(o.key), OutputValue: aws.String(o.value), ExportName: notEmpty(o.export), Description: notEmpty(o.description),
		})
	}
	if s.nested() {
		d.ParentId, d.RootId = &s.parent.id, &s.root().id
	}
	if s.operation != nil {
		d.LastOperations = []types.OperationEntry{{OperationId: &s.operation.id, OperationType: s.operation.kind}}
	}
	if !s.deleted.IsZero() {
		d.DeletionTime = &s.deleted
	}
	if s.status != deleteComplete {
		d.EnableTerminationProtection = aws.Bool(s.root().protected)
		if s.changeSet != nil {
			d.ChangeSetId = &s.changeSet.id
		}
	}
	if a.timeline.now.Before(s.staleUntil) {
		d.StackStatus, d.StackStatusReason = types.StackStatus(s.staleStatus), nil
	}
	return d
}

func (a *Account) listStacks(in *cloudformation.ListStacksInput) (*cloudformation.ListStacksOutput, error) {
	var all []types.StackSummary
	for _, s := range slices.Backward(a.stacks) {
		if len(in.StackStatusFilter) > 0 && !slices.Contains(in.StackStatusFilter, types.StackStatus(s.status)) {
			continue
		}
		d := a.describe(s)
		all = append(all, types.StackSummary{
			StackId: d.StackId, StackName: d.StackName, StackStatus: d.StackStatus, StackStatusReason: d.StackStatusReason,
			CreationTime: d.CreationTime, LastUpdatedTime: d.LastUpdatedTime, DeletionTime: d.DeletionTime, ParentId: d.ParentId, RootId: d.RootId,
		})
	}
	page, next, err := pageOf(a, all, in.NextToken)
	return &cloudformation.ListStacksOutput{StackSummaries: page, NextToken: next}, err
}

func (a *Account) describeStackEvents(in *cloudformation.DescribeStackEventsInput) (*cloudformation.DescribeStackEventsOutput, error) {
	s, err := a.existing(aws.ToString(in.StackName))
	if err != nil {
		return nil, err
	}
	visible := a.visibleEvents(s)
	left, err := remaining(len(visible), in.NextToken)
	if err != nil {
		return nil, err
	}
	from := max(0, left-a.settings.pageSize)
	page := []types.StackEvent{}
	for _, e := range slices.Backward(visible[from:left]) {
		page = append(page, e.StackEvent)
	}
	return &cloudformation.DescribeStackEventsOutput{StackEvents: page, NextToken: following(from)}, nil
}

func (a *Account) getTemplate(in *cloudformation.GetTemplateInput) (*cloudformation.GetTemplateOutput, error) {
	stages := []types.TemplateStage{types.TemplateStageOriginal, types.TemplateStageProcessed}
	if in.ChangeSetName != nil {
		c, err := a.findChangeSet(in.ChangeSetName, in.StackName)
		if err != nil {
			return nil, err
		}
		return &cloudformation.GetTemplateOutput{TemplateBody: &c.next.template.body, StagesAvailable: stages}, nil
	}
	s := a.find(aws.ToString(in.StackName))
	if s == nil {
		return nil, invalid("Stack with id %s does not exist", aws.ToString(in.StackName))
	}
	return &cloudformation.GetTemplateOutput{TemplateBody: &s.template.body, StagesAvailable: stages}, nil
}

func (a *Account) listExports(in *cloudformation.ListExportsInput) (*cloudformation.ListExportsOutput, error) {
	var all []types.Export
	for _, s := range a.stacks {
		for _, o := range s.outputs {
			if o.export != "" {
				all = append(all, types.Export{ExportingStackId: &s.id, Name: ptr(o.export), Value: ptr(o.value)})
			}
		}
	}
	page, next, err := pageOf(a, all, in.NextToken)
	return &cloudformation.ListExportsOutput{Exports: page, NextToken: next}, err
}

func (a *Account) listImports(in *cloudformation.ListImportsInput) (*cloudformation.ListImportsOutput, error) {
	users := a.importers(aws.ToString(in.ExportName), nil)
	if len(users) == 0 {
		return nil, invalid("Export '%s' is not imported by any stack.", aws.ToString(in.ExportName))
	}
	page, next, err := pageOf(a, users, in.NextToken)
	return &cloudformation.ListImportsOutput{Imports: page, NextToken: next}, err
}
