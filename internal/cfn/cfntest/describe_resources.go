package cfntest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func (a *Account) listStackResources(in *cloudformation.ListStackResourcesInput) (*cloudformation.ListStackResourcesOutput, error) {
	s := a.find(*in.StackName)
	if s == nil {
		return nil, invalid("Stack with id %s does not exist", *in.StackName)
	}
	var all []types.StackResourceSummary
	for _, id := range sortedKeys(s.resources) {
		r := s.resources[id]
		all = append(all, types.StackResourceSummary{
			LogicalResourceId: &r.logicalID, PhysicalResourceId: notEmpty(r.physicalID), ResourceType: &r.kind, LastUpdatedTimestamp: &r.at,
			ResourceStatus: types.ResourceStatus(r.status), ResourceStatusReason: notEmpty(r.reason),
			DriftInformation: &types.StackResourceDriftInformationSummary{StackResourceDriftStatus: types.StackResourceDriftStatusNotChecked},
		})
	}
	page, next, err := pageOf(a, all, in.NextToken)
	return &cloudformation.ListStackResourcesOutput{StackResourceSummaries: page, NextToken: next}, err
}

func (a *Account) describeStackResources(in *cloudformation.DescribeStackResourcesInput) (*cloudformation.DescribeStackResourcesOutput, error) {
	for _, s := range a.stacks {
		resources := []types.StackResource{}
		for _, id := range sortedKeys(s.resources) {
			r := s.resources[id]
			byPhysical := in.PhysicalResourceId != nil && r.physicalID == *in.PhysicalResourceId && s.status != deleteComplete
			byStack := in.StackName != nil && a.find(*in.StackName) == s && (in.LogicalResourceId == nil || *in.LogicalResourceId == id)
			if byPhysical || byStack {
				resources = append(resources, describeResource(s, r))
			}
		}
		if len(resources) > 0 || in.StackName != nil && a.find(*in.StackName) == s {
			return &cloudformation.DescribeStackResourcesOutput{StackResources: resources}, nil
		}
	}
	if in.PhysicalResourceId != nil {
		return nil, invalid("Stack for %s does not exist", *in.PhysicalResourceId)
	}
	return nil, invalid("Stack with id %s does not exist", aws.ToString(in.StackName))
}

func describeResource(s *stack, r *resource) types.StackResource {
	return types.StackResource{
		StackId: &s.id, StackName: &s.name, LogicalResourceId: &r.logicalID, PhysicalResourceId: notEmpty(r.physicalID),
		ResourceType: &r.kind, Timestamp: &r.at, ResourceStatus: types.ResourceStatus(r.status), ResourceStatusReason: notEmpty(r.reason),
	}
}

func (a *Account) describeStackResource(in *cloudformation.DescribeStackResourceInput) (*cloudformation.DescribeStackResourceOutput, error) {
	s := a.find(*in.StackName)
	if s == nil {
		return nil, invalid("Stack '%s' does not exist", *in.StackName)
	}
	r := s.resources[*in.LogicalResourceId]
	if r == nil {
		return nil, invalid("Resource %s does not exist for stack %s", *in.LogicalResourceId, s.name)
	}
	d := describeResource(s, r)
	return &cloudformation.DescribeStackResourceOutput{StackResourceDetail: &types.StackResourceDetail{
		StackId: d.StackId, StackName: d.StackName, LogicalResourceId: d.LogicalResourceId, PhysicalResourceId: d.PhysicalResourceId,
		ResourceType: d.ResourceType, LastUpdatedTimestamp: d.Timestamp, ResourceStatus: d.ResourceStatus, ResourceStatusReason: d.ResourceStatusReason,
		DriftInformation: &types.StackResourceDriftInformation{StackResourceDriftStatus: types.StackResourceDriftStatusNotChecked},
	}}, nil
}
