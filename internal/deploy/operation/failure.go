package operation

import (
	"context"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/diagnosis"
	"distributed-moodle/internal/manifest"
)

// DetailReader reads what CloudFormation knows about a failure beside the events. That needs a permission which the caller may lack: a
// diagnosis goes without it then, and says so.
type DetailReader interface {
	Details(ctx context.Context, stackID, operation string) ([]events.Detail, error)
}

// Failure is why an operation failed.
type Failure struct {
	Site                string
	diagnosis.Diagnosis                // its cause is without an id when no event gives any
	FailedDeletions     []events.Event // what could not be deleted during a rollback or a deletion
}

// Explain returns why an operation failed, with the details that CloudFormation gives to callers who have the permission.
func Explain(ctx context.Context, api DetailReader, site *manifest.Manifest, causes *events.Causes) Failure {
	cause, known := causes.First()
	failure := Failure{Site: site.Site, FailedDeletions: causes.FailedDeletions()}
	if !known {
		return failure
	}
	var details []events.Detail
	note := ""
	all, err := api.Details(ctx, cause.StackID, cause.Operation)
	if err != nil {
		note = "without the details of validations and hooks: " + cfn.Message(err)
	}
	for _, detail := range all {
		if cause.OfStack() || detail.LogicalID == cause.LogicalID {
			details = append(details, detail)
		}
	}
	failure.Diagnosis = diagnosis.Explain(
		cause,
		details,
		diagnosis.Place{
			Environment: site.Environment,
			Site:        site.Site,
			Region:      site.Region,
			Regenerate:  site.Application.Regenerate(),
		},
	)
	failure.Note = note
	return failure
}
