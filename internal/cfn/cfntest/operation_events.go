package cfntest

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// FailsValidation lets the early validation of a change set find something wrong with a resource, by its stack's path and its logical
// id: the change set fails with a reason that names the validation only, DescribeEvents has the rest.
func (a *Account) FailsValidation(path, logicalID, property, reason string) {
	const name = "AWS::EarlyValidation::PropertyValidation"
	a.locked(func() {
		a.rules.changeSetFails[path] = "The following hook(s)/validation failed: [" + name + "]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information."
		a.rules.validation[path] = append(a.rules.validation[path], types.OperationEvent{
			EventType: types.EventTypeValidationError, LogicalResourceId: ptr(logicalID), ValidationName: ptr(name),
			ValidationPath: ptr("/Resources/" + logicalID + "/Properties/" + property), ValidationStatus: types.ValidationStatusFailed,
			ValidationFailureMode: types.HookFailureModeFail, ValidationStatusReason: ptr(reason),
		})
	})
}

// hookAnswer is what a hook said of a resource.
type hookAnswer struct{ name, reason string }

// HookDenies lets a hook of the account refuse to have a resource created or updated, by the resource's path in the tree: its event
// names the hook only, DescribeEvents has the rest.
func (a *Account) HookDenies(path, hook, reason string) {
	for _, phase := range []Phase{Creating, Updating} {
		a.Fails(path, phase, "The following hook(s) failed: ["+hook+"]")
	}
	a.locked(func() { a.rules.hooks[path] = hookAnswer{hook, reason} })
}

func (a *Account) describeEvents(in *cloudformation.DescribeEventsInput) (*cloudformation.DescribeEventsOutput, error) {
	var all []types.OperationEvent
	if in.ChangeSetName != nil {
		c, err := a.findChangeSet(in.ChangeSetName, in.StackName)
		if err != nil {
			return nil, err
		}
		all = a.validationOf(c)
	} else {
		for _, s := range a.stacks {
			if in.StackName == nil || s.is(*in.StackName) {
				all = append(all, a.operationEvents(s, in.OperationId)...)
			}
		}
		if in.StackName != nil && a.find(*in.StackName) == nil {
			return nil, invalid("Stack [%s] does not exist", *in.StackName)
		}
	}
	if in.Filters != nil && aws.ToBool(in.Filters.FailedEvents) {
		var failed []types.OperationEvent
		for _, e := range all {
			switch e.EventType {
			case types.EventTypeValidationError, types.EventTypeProvisioningError, types.EventTypeHookInvocationError:
				failed = append(failed, e)
			}
		}
		all = failed
	}
	page, next, err := pageOf(a, all, in.NextToken)
	return &cloudformation.DescribeEventsOutput{OperationEvents: page, NextToken: next}, err
}

func (a *Account) validationOf(c *changeSet) []types.OperationEvent {
	var all []types.OperationEvent
	for _, e := range a.rules.validation[c.stack.path()] {
		e.EventId, e.StackId, e.Timestamp = ptr(c.id+"-validation"), &c.stack.id, &c.created
		e.OperationId, e.OperationType = &c.id, types.OperationTypeCreateChangeset
		all = append(all, e)
	}
	return all
}

// operationEvents are a stack's events as DescribeEvents groups them, the newest first.
func (a *Account) operationEvents(s *stack, operation *string) []types.OperationEvent {
	var all []types.OperationEvent
	for _, e := range slices.Backward(a.visibleEvents(s)) {
		if operation != nil && aws.ToString(e.OperationId) != *operation {
			continue
		}
		kind := types.EventTypeProgressEvent
		switch {
		case strings.HasSuffix(string(e.ResourceStatus), "_FAILED"):
			kind = types.EventTypeProvisioningError
		case aws.ToString(e.PhysicalResourceId) == s.id:
			kind = types.EventTypeStackEvent
		}
		all = append(all, types.OperationEvent{
			EventId: e.EventId, EventType: kind, StackId: e.StackId, OperationId: e.OperationId, ClientRequestToken: e.ClientRequestToken,
			LogicalResourceId: e.LogicalResourceId, PhysicalResourceId: e.PhysicalResourceId, ResourceType: e.ResourceType,
			ResourceStatus: e.ResourceStatus, ResourceStatusReason: e.ResourceStatusReason, ResourceProperties: e.ResourceProperties, Timestamp: e.Timestamp,
		})
		hook, denied := a.rules.hooks[s.address(aws.ToString(e.LogicalResourceId))]
		if denied && strings.Contains(aws.ToString(e.ResourceStatusReason), hook.name) {
			all = append(all, types.OperationEvent{
				EventId: ptr(*e.EventId + "-hook"), EventType: types.EventTypeHookInvocationError, StackId: e.StackId, OperationId: e.OperationId,
				LogicalResourceId: e.LogicalResourceId, ResourceType: e.ResourceType, Timestamp: e.Timestamp,
				HookType: ptr(hook.name), HookStatus: types.HookStatusHookCompleteFailed, HookStatusReason: ptr(hook.reason), HookFailureMode: types.HookFailureModeFail,
			})
		}
	}
	return all
}
