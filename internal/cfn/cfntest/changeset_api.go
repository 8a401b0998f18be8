package cfntest

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// updatable are the statuses that an update can start from.
var updatable = []string{
	"CREATE_COMPLETE",
	"UPDATE_COMPLETE",
	"UPDATE_ROLLBACK_COMPLETE",
	"IMPORT_COMPLETE",
	"IMPORT_ROLLBACK_COMPLETE",
	"UPDATE_FAILED",
	"CREATE_FAILED",
}

func (a *Account) createChangeSet(
	in *cloudformation.CreateChangeSetInput,
) (*cloudformation.CreateChangeSetOutput, error) {
	s, made, err := a.stackFor(in)
	if err != nil {
		return nil, err
	}
	c, err := a.newChangeSet(in, s)
	if err != nil {
		if made {
			a.stacks = slices.DeleteFunc(a.stacks, func(other *stack) bool { return other == s })
		}
		return nil, err
	}
	if c.madeStack = made; made {
		a.say(s, inReview, "User Initiated")
	}
	a.changeSets = append(a.changeSets, c)
	a.makeChangeSet(c)
	return &cloudformation.CreateChangeSetOutput{Id: &c.id, StackId: &s.id}, nil
}

func (s *stack) is(nameOrID string) bool { return s.name == nameOrID || s.id == nameOrID }

// stackFor returns the stack of a change set, or creates one that is in review until the change set is executed.
func (a *Account) stackFor(in *cloudformation.CreateChangeSetInput) (s *stack, made bool, err error) {
	s = a.find(*in.StackName)
	create := in.ChangeSetType == types.ChangeSetTypeCreate
	switch {
	case create && s == nil:
		return a.newStack(*in.StackName, nil, ""), true, nil
	case create && s.status != inReview:
		return nil, false, invalid(
			"Stack [%s] already exists and cannot be created again with the changeSet [%s].", *in.StackName,
			*in.ChangeSetName,
		)
	case s == nil:
		return nil, false, invalid("Stack [%s] does not exist", *in.StackName)
	case !create && !slices.Contains(updatable, s.status):
		return nil, false, invalid("Stack:%s is in %s state and can not be updated.", s.id, s.status)
	}
	return s, false, nil
}

func (a *Account) newChangeSet(in *cloudformation.CreateChangeSetInput, s *stack) (*changeSet, error) {
	existing := a.changeSetsOf(s)
	if len(existing) >= a.settings.changeSetLimit {
		return nil, coded("LimitExceededException", "ChangeSet limit exceeded for stack %s", s.id)
	}
	if slices.ContainsFunc(existing, func(c *changeSet) bool { return c.name == *in.ChangeSetName }) {
		return nil, coded(
			"AlreadyExistsException", "ChangeSet %s already exists for stack %s", *in.ChangeSetName, s.name,
		)
	}
	next, err := a.versionFrom(in, s)
	if err != nil {
		return nil, err
	}
	return &changeSet{
		id: a.arn("cloudformation", "changeSet/"+*in.ChangeSetName+"/"+a.uuid()), name: *in.ChangeSetName,
		description: aws.ToString(in.Description), stack: s, create: in.ChangeSetType == types.ChangeSetTypeCreate,
		nested: aws.ToBool(in.IncludeNestedStacks), created: a.timeline.now, next: next,
		status: types.ChangeSetStatusCreatePending, execution: types.ExecutionStatusUnavailable,
		options: options{in.NotificationARNs, in.RollbackConfiguration, in.OnStackFailure},
	}, nil
}

func (a *Account) versionFrom(in *cloudformation.CreateChangeSetInput, s *stack) (version, error) {
	v, err := a.versionOf(
		s, in.TemplateBody, in.TemplateURL, aws.ToBool(in.UsePreviousTemplate), in.Parameters, in.Tags,
	)
	if err != nil {
		return version{}, err
	}
	v.capabilities = in.Capabilities
	return v, v.template.permitted(in.Capabilities)
}

// versionOf reads a template and what goes with it from a call. Tags that are not given stay as they are.
func (a *Account) versionOf(
	s *stack, body, address *string, previous bool, parameters []types.Parameter, tags []types.Tag,
) (version, error) {
	t, err := a.templateFrom(s, body, address, previous)
	if err != nil {
		return version{}, err
	}
	given := map[string]string{}
	for _, p := range parameters {
		if aws.ToBool(p.UsePreviousValue) {
			given[*p.ParameterKey] = s.parameters[*p.ParameterKey]
			continue
		}
		given[*p.ParameterKey] = aws.ToString(p.ParameterValue)
	}
	values, err := t.parametersFrom(given)
	if err != nil {
		return version{}, err
	}
	kept := s.tags
	if tags != nil {
		kept = map[string]string{}
		for _, tag := range tags {
			kept[*tag.Key] = aws.ToString(tag.Value)
		}
	}
	next := version{template: t, parameters: values, tags: kept, resources: map[string]*resource{}}
	return next, a.acceptable(s, next)
}

// maxBody is how many bytes of a template a call accepts; a longer one has to be in S3.
const maxBody = 51200

func (a *Account) templateFrom(s *stack, body, address *string, previous bool) (*template, error) {
	switch {
	case body != nil && len(*body) > maxBody:
		return nil, invalid(
			"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to %d",
			maxBody,
		)
	case body != nil:
		return parseTemplate(*body)
	case address != nil:
		return a.fetch(*address)
	case previous:
		return s.template, nil
	}
	return nil, invalid("Either Template URL or Template Body must be specified.")
}

// findChangeSet finds a change set by its id, or by its name and stack (errors.json).
func (a *Account) findChangeSet(nameOrID, stackName *string) (*changeSet, error) {
	isARN := strings.HasPrefix(*nameOrID, "arn:")
	if !isARN && aws.ToString(stackName) == "" {
		return nil, invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
	}
	var s *stack
	if !isARN {
		if s = a.find(*stackName); s == nil {
			return nil, invalid("Stack [%s] does not exist", *stackName)
		}
	}
	for _, c := range slices.Backward(a.changeSets) {
		if c.id == *nameOrID || s != nil && c.stack == s && c.name == *nameOrID {
			return c, nil
		}
	}
	return nil, coded("ChangeSetNotFound", "ChangeSet [%s] does not exist", *nameOrID)
}

func (a *Account) describeChangeSet(
	in *cloudformation.DescribeChangeSetInput,
) (*cloudformation.DescribeChangeSetOutput, error) {
	c, err := a.findChangeSet(in.ChangeSetName, in.StackName)
	if err != nil {
		return nil, err
	}
	changes, reason := c.changes, c.reason
	if aws.ToBool(in.IncludePropertyValues) {
		if changes = c.values; c.warning != "" && c.status == types.ChangeSetStatusCreateComplete {
			reason = c.warning
		}
	}
	if !c.done() {
		changes = nil
	}
	page, next, err := pageOf(a, changes, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &cloudformation.DescribeChangeSetOutput{
		Capabilities: orEmpty(c.next.capabilities), ChangeSetId: &c.id, ChangeSetName: &c.name, Changes: page,
		NextToken:    next,
		CreationTime: &c.created, Description: notEmpty(c.description), ExecutionStatus: c.execution,
		IncludeNestedStacks: &c.nested,
		NotificationARNs:    orEmpty(c.options.notifications), OnStackFailure: c.options.onStackFailure,
		RollbackConfiguration: rollbackOf(c),
		StackId:               &c.stack.id, StackName: &c.stack.name, Status: c.status, StatusReason: notEmpty(reason),
		Parameters: parametersOf(c.next), Tags: tagsOf(c.next.tags),
	}
	if c.parent != nil {
		out.ParentChangeSetId, out.RootChangeSetId = &c.parent.id, &c.root().id
	}
	return out, nil
}

func rollbackOf(c *changeSet) *types.RollbackConfiguration {
	if c.options.rollback != nil {
		return c.options.rollback
	}
	return &types.RollbackConfiguration{}
}

func (a *Account) listChangeSets(in *cloudformation.ListChangeSetsInput) (*cloudformation.ListChangeSetsOutput, error) {
	s := a.find(*in.StackName)
	if s == nil {
		return nil, invalid("Stack [%s] does not exist", *in.StackName)
	}
	var all []types.ChangeSetSummary
	for _, c := range a.changeSetsOf(s) {
		summary := types.ChangeSetSummary{
			ChangeSetId: &c.id, ChangeSetName: &c.name, CreationTime: &c.created, Description: notEmpty(c.description),
			ExecutionStatus: c.execution, IncludeNestedStacks: &c.nested, StackId: &s.id, StackName: &s.name,
			Status: c.status, StatusReason: notEmpty(c.reason),
		}
		if c.parent != nil {
			summary.ParentChangeSetId, summary.RootChangeSetId = &c.parent.id, &c.root().id
		}
		all = append(all, summary)
	}
	page, next, err := pageOf(a, all, in.NextToken)
	return &cloudformation.ListChangeSetsOutput{Summaries: page, NextToken: next}, err
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func tagsOf(tags map[string]string) []types.Tag {
	var all []types.Tag
	for _, key := range sortedKeys(tags) {
		all = append(all, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return all
}

// hidden is what CloudFormation shows for a parameter with NoEcho.
const hidden = "****"

func parametersOf(v version) []types.Parameter {
	var all []types.Parameter
	for _, name := range slices.Sorted(maps.Keys(v.parameters)) {
		value := v.parameters[name]
		if textOf(v.template.parameters[name]["NoEcho"]) == "true" {
			value = hidden
		}
		all = append(all, types.Parameter{ParameterKey: aws.String(name), ParameterValue: &value})
	}
	return all
}
