package events

import "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

// Detail is what is known of a failure beside the events of its stack: what a validation or a hook found
// (CloudFormation's DescribeEvents), what a machine that did not become ready said last, where it writes to.
type Detail struct {
	LogicalID string
	Kind      DetailKind
	Name      string // of the validation, the hook, the group, the machine
	Path      string // of the property, such as /Resources/Database/Properties/Engine
	Reason    string
}

// DetailKind is what a detail is: an EventType of CloudFormation's, or one of the three kinds that other services give.
type DetailKind string

// The kinds of details.
const (
	ValidationError     = DetailKind(types.EventTypeValidationError)
	HookInvocationError = DetailKind(types.EventTypeHookInvocationError)
	ScalingActivity     = DetailKind("SCALING_ACTIVITY")
	ConsoleOutput       = DetailKind("CONSOLE_OUTPUT")
	LogGroup            = DetailKind("LOG_GROUP")
)
