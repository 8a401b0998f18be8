package events

import "distributed-moodle/internal/cfn/status"

// Result is how an operation ended, or what it does now.
type Result string

// The results of an operation.
const (
	Done        Result = "done"
	Running     Result = "running"
	RollingBack Result = "rolling back"
	RolledBack  Result = "rolled back"
	Failed      Result = "failed"
)

// Succeeded reports whether the operation has done what was asked; not yet when it runs.
func (o Operation) Succeeded() bool {
	switch o.Kind() {
	case Rollback:
		return o.Last.Status.RolledBack()
	case Deletion: // one that is refused leaves the stack in the status that it had
		return o.Last.Status == status.DeleteComplete
	}
	return o.Failed == "" && o.End().Succeeded()
}

// Result returns how the operation ended.
func (o Operation) Result() Result {
	switch {
	case o.Succeeded():
		return Done
	case o.Running() && o.Last.Status.InRollback() && o.Kind() != Rollback:
		return RollingBack
	case o.Running():
		return Running
	case o.Last.Status.RolledBack() && o.Kind() != Deletion:
		return RolledBack
	}
	return Failed
}
