package cfntest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func (a *Account) createStack(in *cloudformation.CreateStackInput) (*cloudformation.CreateStackOutput, error) {
	s := a.find(*in.StackName)
	if s != nil && s.status != inReview {
		return nil, coded("AlreadyExistsException", "Stack [%s] already exists", *in.StackName)
	}
	target := s
	if s == nil {
		target = &stack{version: version{template: emptyTemplate, tags: map[string]string{}}}
	}
	next, err := a.versionOf(target, in.TemplateBody, in.TemplateURL, false, in.Parameters, orEmpty(in.Tags))
	if err == nil {
		err = next.template.permitted(in.Capabilities)
	}
	if err != nil {
		return nil, err
	}
	if s == nil {
		s = a.newStack(*in.StackName, nil, "")
	}
	next.capabilities = in.Capabilities
	s.protected = aws.ToBool(in.EnableTerminationProtection)
	s.disableRollback = aws.ToBool(in.DisableRollback) || in.OnFailure == types.OnFailureDoNothing
	a.makeObsolete(s, nil)
	a.begin(s, true, next, aws.ToString(in.ClientRequestToken), func(bool) {})
	return &cloudformation.CreateStackOutput{StackId: &s.id}, nil
}

func (a *Account) updateStack(in *cloudformation.UpdateStackInput) (*cloudformation.UpdateStackOutput, error) {
	s, err := a.existing(*in.StackName)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(updatable, s.status) {
		return nil, invalid("Stack:%s is in %s state and can not be updated.", s.id, s.status)
	}
	next, err := a.versionOf(
		s, in.TemplateBody, in.TemplateURL, aws.ToBool(in.UsePreviousTemplate), in.Parameters, in.Tags,
	)
	if err != nil {
		return nil, err
	}
	if err = next.template.permitted(in.Capabilities); err != nil {
		return nil, err
	}
	if !s.differs(next) {
		return nil, invalid("No updates are to be performed.")
	}
	next.capabilities = in.Capabilities
	s.disableRollback = aws.ToBool(in.DisableRollback)
	a.makeObsolete(s, nil)
	a.begin(s, false, next, aws.ToString(in.ClientRequestToken), func(bool) {})
	return &cloudformation.UpdateStackOutput{StackId: &s.id}, nil
}

// existing finds a stack or says that there is none, in the words of most calls.
func (a *Account) existing(nameOrID string) (*stack, error) {
	if s := a.find(nameOrID); s != nil {
		return s, nil
	}
	return nil, invalid("Stack [%s] does not exist", nameOrID)
}

func (a *Account) deleteStack(in *cloudformation.DeleteStackInput) (*cloudformation.DeleteStackOutput, error) {
	out := &cloudformation.DeleteStackOutput{}
	s := a.find(*in.StackName)
	token := aws.ToString(in.ClientRequestToken)
	switch {
	case s == nil || s.status == deleteComplete || s.status == "DELETE_IN_PROGRESS":
		return out, nil
	case s.root().protected:
		return nil, invalid("Stack [%s] cannot be deleted while TerminationProtection is enabled", *in.StackName)
	case s.running() && s.status != "CREATE_IN_PROGRESS" && s.status != "ROLLBACK_IN_PROGRESS":
		return nil, invalid("Stack [%s] cannot be deleted while in status %s", s.id, s.status)
	case len(in.RetainResources) > 0 && s.status != "DELETE_FAILED":
		return nil, invalid(
			"Invalid operation on stack [%s]. You can specify only resources that failed to delete. RetainResources works only for stacks in the DELETE_FAILED state.",
			s.id,
		)
	}
	if s.status == "CREATE_IN_PROGRESS" {
		s.operation.superseded = true
		s.stop()
	}
	s.whenIdle(func() { a.delete(s, forGood, in.RetainResources, token, func(string) {}) })
	return out, nil
}

func (a *Account) cancelUpdateStack(
	in *cloudformation.CancelUpdateStackInput,
) (*cloudformation.CancelUpdateStackOutput, error) {
	s, err := a.existing(*in.StackName)
	if err != nil {
		return nil, err
	}
	if s.status != "UPDATE_IN_PROGRESS" {
		return nil, invalid("CancelUpdateStack cannot be called from current stack status")
	}
	s.operation.cancelled = true
	s.stop()
	return &cloudformation.CancelUpdateStackOutput{}, nil
}

func (a *Account) continueUpdateRollback(
	in *cloudformation.ContinueUpdateRollbackInput,
) (*cloudformation.ContinueUpdateRollbackOutput, error) {
	s, err := a.existing(*in.StackName)
	switch {
	case err != nil:
		return nil, err
	case s.nested():
		return nil, invalid(
			"RollbackUpdatedStack is not supported for nested stacks. Use the root stack %s", s.root().name,
		)
	case s.status != "UPDATE_ROLLBACK_FAILED":
		return nil, invalid("Stack:%s is in %s state and can not continue update rollback.", s.id, s.status)
	}
	skippable := a.skippable(s)
	for _, name := range in.ResourcesToSkip {
		if !skippable[name] {
			return nil, invalid("The following resource(s) cannot be skipped: [%s]", name)
		}
	}
	a.continueRollback(s, aws.ToString(in.ClientRequestToken), in.ResourcesToSkip...)
	return &cloudformation.ContinueUpdateRollbackOutput{}, nil
}

func (a *Account) rollbackStack(in *cloudformation.RollbackStackInput) (*cloudformation.RollbackStackOutput, error) {
	s, err := a.existing(*in.StackName)
	if err != nil {
		return nil, err
	}
	token := aws.ToString(in.ClientRequestToken)
	switch s.status {
	case "CREATE_FAILED":
		s.disableRollback = false
		a.operate(s, types.OperationTypeRollback, token)
		a.undoCreation(s, "", func(string) {})
	case "UPDATE_FAILED":
		a.operate(s, types.OperationTypeRollback, token)
		a.sendBack(s, byUser(s))
	default:
		return nil, invalid("RollbackStack cannot be called from current stack status %s", s.status)
	}
	return &cloudformation.RollbackStackOutput{StackId: &s.id, OperationId: &s.operation.id}, nil
}

func (a *Account) updateTerminationProtection(
	in *cloudformation.UpdateTerminationProtectionInput,
) (*cloudformation.UpdateTerminationProtectionOutput, error) {
	s, err := a.existing(*in.StackName)
	switch {
	case err != nil:
		return nil, err
	case s.nested():
		return nil, invalid("Termination protection cannot be changed for nested stack %s", s.id)
	}
	s.protected = aws.ToBool(in.EnableTerminationProtection)
	return &cloudformation.UpdateTerminationProtectionOutput{StackId: &s.id}, nil
}
