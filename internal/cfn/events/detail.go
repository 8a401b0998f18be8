package events

// Detail is what is known beside the events: what a validation or a hook found (CloudFormation's DescribeEvents), what a machine that did
// not become ready said last, where it writes to.
type Detail struct {
	LogicalID string
	Kind      string // VALIDATION_ERROR, HOOK_INVOCATION_ERROR, SCALING_ACTIVITY, CONSOLE_OUTPUT or LOG_GROUP
	Name      string // of the validation, the hook, the group, the machine
	Path      string // of the property, such as /Resources/Database/Properties/Engine
	Reason    string
}
