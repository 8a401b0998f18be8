package cfntest

import (
	"errors"
	"net/http"
)

// action is a call of CloudFormation's API: the SDK's own input goes in, its output comes out.
type action func(a *Account, r *request) (any, error)

// handle makes an action from a method, decoding its input.
func handle[In, Out any](do func(*Account, *In) (*Out, error)) action {
	return func(a *Account, r *request) (any, error) {
		in := new(In)
		if err := decodeForm(r.form, in); err != nil {
			return nil, err
		}
		return do(a, in)
	}
}

var actions = map[string]action{
	"CancelUpdateStack":                 handle((*Account).cancelUpdateStack),
	"ContinueUpdateRollback":            handle((*Account).continueUpdateRollback),
	"CreateChangeSet":                   handle((*Account).createChangeSet),
	"CreateStack":                       handle((*Account).createStack),
	"DeleteChangeSet":                   handle((*Account).deleteChangeSet),
	"DeleteStack":                       handle((*Account).deleteStack),
	"DescribeChangeSet":                 handle((*Account).describeChangeSet),
	"DescribeEvents":                    handle((*Account).describeEvents),
	"DescribeStackDriftDetectionStatus": handle((*Account).describeStackDriftDetectionStatus),
	"DescribeStackEvents":               handle((*Account).describeStackEvents),
	"DescribeStackResource":             handle((*Account).describeStackResource),
	"DescribeStackResourceDrifts":       handle((*Account).describeStackResourceDrifts),
	"DescribeStackResources":            handle((*Account).describeStackResources),
	"DescribeStacks":                    handle((*Account).describeStacks),
	"DetectStackDrift":                  handle((*Account).detectStackDrift),
	"ExecuteChangeSet":                  handle((*Account).executeChangeSet),
	"GetTemplate":                       handle((*Account).getTemplate),
	"ListChangeSets":                    handle((*Account).listChangeSets),
	"ListExports":                       handle((*Account).listExports),
	"ListImports":                       handle((*Account).listImports),
	"ListStackResources":                handle((*Account).listStackResources),
	"ListStacks":                        handle((*Account).listStacks),
	"RollbackStack":                     handle((*Account).rollbackStack),
	"SignalResource":                    handle((*Account).signalResource),
	"UpdateStack":                       handle((*Account).updateStack),
	"UpdateTerminationProtection":       handle((*Account).updateTerminationProtection),
}

func (a *Account) serveCloudFormation(r *request) answer {
	do, known := actions[r.Action]
	if !known {
		a.t.Errorf("cfntest does not know the action %s", r.Action)
		return refusal(
			r.Service, http.StatusBadRequest, "InvalidAction",
			"Could not find operation "+r.Action+" for version 2010-05-15",
		)
	}
	again := r.Action + " " + r.form.Get("StackName") + " " + r.Target + " " + r.Token
	out, repeated := a.answered[again]
	var err error
	if !repeated {
		out, err = do(a, r)
	}
	var refused *apiError
	switch {
	case errors.As(err, &refused):
		return refusal(r.Service, refused.status, refused.code, refused.message)
	case err != nil:
		return refusal(r.Service, http.StatusBadRequest, "ValidationError", err.Error())
	}
	if r.Token != "" { // a client token: the same call again is only answered again
		a.answered[again] = out
	}
	return answer{
		status: http.StatusOK,
		header: http.Header{"Content-Type": {"text/xml"}},
		body:   encodeAnswer(r.Action, a.uuid(), out),
	}
}
