// Package status has CloudFormation's statuses of stacks and resources, and what each of them means.
package status

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Status is a StackStatus or a ResourceStatus of CloudFormation's API. They are one type here because an event has them
// in one field: ResourceStatus is the stack's status in an event of the stack itself. "" is the status of what does not
// exist.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html lists them with their meanings.
type Status string

// The statuses that this program treats differently from others.
const (
	ReviewInProgress = Status(types.StackStatusReviewInProgress) // a change set was made for it, and none was executed

	CreateInProgress = Status(types.StackStatusCreateInProgress)
	CreateComplete   = Status(types.StackStatusCreateComplete)
	CreateFailed     = Status(types.StackStatusCreateFailed)

	RollbackInProgress = Status(types.StackStatusRollbackInProgress) // of a creation
	RollbackComplete   = Status(types.StackStatusRollbackComplete)
	RollbackFailed     = Status(types.StackStatusRollbackFailed)

	UpdateInProgress = Status(types.StackStatusUpdateInProgress)
	UpdateComplete   = Status(types.StackStatusUpdateComplete)
	UpdateFailed     = Status(types.StackStatusUpdateFailed)

	UpdateRollbackInProgress = Status(types.StackStatusUpdateRollbackInProgress)
	UpdateRollbackComplete   = Status(types.StackStatusUpdateRollbackComplete)
	UpdateRollbackFailed     = Status(types.StackStatusUpdateRollbackFailed)

	DeleteComplete = Status(types.StackStatusDeleteComplete)
	DeleteFailed   = Status(types.StackStatusDeleteFailed)
	DeleteSkipped  = Status(types.ResourceStatusDeleteSkipped) // of a resource that a deletion left behind

	ImportComplete         = Status(types.StackStatusImportComplete)
	ImportRollbackComplete = Status(types.StackStatusImportRollbackComplete)
)

// InProgress reports whether an operation is under way. None is in [ReviewInProgress], although the status ends like
// the others.
func (s Status) InProgress() bool {
	return strings.HasSuffix(string(s), inProgress) && s != ReviewInProgress
}

// Failed reports whether the status ends in _FAILED.
func (s Status) Failed() bool { return strings.HasSuffix(string(s), failed) }

// Succeeded reports whether an operation that was asked for has been completed; a rollback has not.
func (s Status) Succeeded() bool { return strings.HasSuffix(string(s), complete) && !s.InRollback() }

// InRollback reports whether the status is one of a rollback, at whatever point it is.
func (s Status) InRollback() bool { return strings.Contains(string(s), "ROLLBACK") }

// NeverServed reports whether a stack's creation has not been completed, so that nobody has used what is in it.
func (s Status) NeverServed() bool {
	switch s {
	case ReviewInProgress, CreateInProgress, CreateFailed, RollbackInProgress, RollbackFailed, RollbackComplete:
		return true
	}
	return false
}

// RolledBack reports whether a rollback was completed.
func (s Status) RolledBack() bool { return s.InRollback() && strings.HasSuffix(string(s), complete) }

// CleaningUp reports whether the operation has done its work and deletes what it replaced.
func (s Status) CleaningUp() bool { return strings.HasSuffix(string(s), cleanup) }

// Updatable reports whether a stack in this status can be updated.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html says so of each.
func (s Status) Updatable() bool {
	switch s {
	case CreateComplete, UpdateComplete, UpdateRollbackComplete, ImportComplete, ImportRollbackComplete:
		return true
	}
	return false
}

// Phase is what an operation does: a status without the ending that tells how far it is.
type Phase string

// The phases of a stack or a resource.
const (
	Create         Phase = "CREATE"
	Update         Phase = "UPDATE"
	Delete         Phase = "DELETE"
	Import         Phase = "IMPORT"
	Rollback       Phase = "ROLLBACK"
	UpdateRollback Phase = "UPDATE_ROLLBACK"
	ImportRollback Phase = "IMPORT_ROLLBACK"
)

// The endings of a status.
const (
	inProgress = "_IN_PROGRESS"
	complete   = "_COMPLETE"
	failed     = "_FAILED"
	skipped    = "_SKIPPED"
	cleanup    = complete + "_CLEANUP" + inProgress
)

// Phase cuts the ending off: UPDATE_ROLLBACK of UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS. A status without a known
// ending is its own phase.
func (s Status) Phase() Phase {
	for _, ending := range []string{cleanup, inProgress, complete, failed, skipped} {
		if phase, ok := strings.CutSuffix(string(s), ending); ok {
			return Phase(phase)
		}
	}
	return Phase(s)
}
