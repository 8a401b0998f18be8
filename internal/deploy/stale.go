package deploy

import (
	"errors"

	"github.com/aws/smithy-go"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// wrapStale replaces the errors of a plan that another deployment has made obsolete. CloudFormation deletes a stack's
// other change sets when it executes one
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-execute.html),
// and one that is still there can't be executed: what it says of either names no cause. Any other error is given back
// as it is.
func wrapStale(err error, m *manifest.Manifest) error {
	api, answered := errors.AsType[smithy.APIError](err)
	void := answered && (api.ErrorCode() == "InvalidChangeSetStatus" || api.ErrorCode() == "ChangeSetNotFound")
	if !cfn.IsNotFound(err) && !void {
		return err
	}
	return errStale(m)
}

// errStale is the error of a plan that another deployment has made obsolete.
func errStale(m *manifest.Manifest) error {
	return outcome.Errorf(outcome.Failed, "the plan for %s is obsolete: somebody else has deployed or deleted the site since", m.Site).
		Advise("nothing of this plan was deployed; see what happened with deploy status %s, then run deploy up again to see what is to be done now", m.Environment)
}
