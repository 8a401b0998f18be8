package events

import (
	"context"
	"fmt"
	"time"

	"distributed-moodle/internal/cfn/status"
)

// Operation is one operation on a stack, from the stack's own events: from the one that says it begins to the one that says it
// has ended.
type Operation struct {
	Began  Event         // the first event
	Last   Event         // the newest event that the stack said of itself
	Cursor Cursor        // where it begins, for [Watch.Follow]
	Failed status.Status // the first status that says it goes wrong, "" when none does
}

// Running reports whether the operation has not ended.
func (o Operation) Running() bool { return o.Last.Running() }

// End returns how it ended; it is valid only if it has.
func (o Operation) End() End { return End{Status: o.Last.Status, Reason: o.Last.Reason} }

// Kind is what an operation does to a stack.
type Kind string

// The kinds of operations.
const (
	Creation Kind = "creation"
	Update   Kind = "update"
	Deletion Kind = "deletion"
	Import   Kind = "import"
	Rollback Kind = "rollback" // one that was asked for by itself, not the end of a failed operation
)

// Kind returns what was done, by the status with which it began.
func (o Operation) Kind() Kind {
	switch o.Began.Status.Phase() {
	case status.Rollback, status.UpdateRollback, status.ImportRollback:
		return Rollback
	case status.Create:
		return Creation
	case status.Delete:
		return Deletion
	case status.Import:
		return Import
	}
	return Update
}

// Took returns how long it took or, if it still runs, has taken until a time.
func (o Operation) Took(now time.Time) time.Duration {
	if o.Running() {
		return now.Sub(o.Began.Time)
	}
	return o.Last.Time.Sub(o.Began.Time)
}

// Operations reads a number of a stack's operations, the newest first. A stack that was only planned has none.
func Operations(ctx context.Context, source Source, stackID string, most int) ([]Operation, error) {
	h := &operations{most: most}
	for page := ""; ; {
		events, next, err := read(ctx, source, stackID, page)
		if err != nil {
			return nil, fmt.Errorf("read the stack's events: %w", err)
		}
		for _, e := range events {
			h.add(e)
		}
		if next == "" || len(h.all) > most {
			return h.all[:min(len(h.all), most)], nil
		}
		page = next
	}
}

// Each reads all events of one stack, the newest first.
func Each(ctx context.Context, source Source, stackID string, do func(Event)) error {
	for page := ""; ; {
		events, next, err := read(ctx, source, stackID, page)
		if err != nil {
			return fmt.Errorf("read the stack's events: %w", err)
		}
		for _, e := range events {
			do(e)
		}
		if next == "" {
			return nil
		}
		page = next
	}
}

// read reads a page, and retries after temporary errors.
func read(ctx context.Context, source Source, stackID, page string) (events []Event, next string, err error) {
	for pause := time.Second; ; pause *= 2 {
		events, next, err = source.Events(ctx, stackID, page)
		if err == nil || !IsLater(err) || pause > 32*time.Second {
			return events, next, err
		}
		select {
		case <-ctx.Done():
			return nil, "", context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// operations splits a stack's own events, the newest first, into operations.
type operations struct {
	most int
	all  []Operation
}

func (h *operations) add(e Event) {
	if !e.OfStack() || e.Status == status.ReviewInProgress {
		h.older(e)
		return
	}
	if len(h.all) == 0 || h.ended(e) {
		h.all = append(h.all, Operation{Last: e, Began: e, Cursor: Cursor{seen: map[string]bool{}}})
	}
	o := &h.all[len(h.all)-1]
	o.Last = later(e, o.Last)
	if e.Time.Before(o.Began.Time) || e.Running() {
		o.Began, o.Cursor.since = e, e.Time
	}
	if e.Status.InRollback() || e.Failed() {
		o.Failed = e.Status
	}
	h.older(e)
}

// ended reports whether an event is of the operation before the one that is being collected. A deletion may begin in the middle of
// another operation; all others wait for the end of the one before them. Events of one second may be out of order, the
// operation's id tells then.
func (h *operations) ended(e Event) bool {
	o := h.all[len(h.all)-1]
	if e.Time.After(o.Last.Time) {
		return false
	}
	if e.Operation != "" && e.Operation == o.Began.Operation {
		return false
	}
	return o.Began.Running() && !e.Running() || deletes(o.Began) && o.Began.Running() && !deletes(e)
}

func deletes(e Event) bool { return e.Status.Phase() == status.Delete }

// older records the events before the newest operation, for the page on which it begins.
func (h *operations) older(e Event) {
	if len(h.all) > 1 {
		h.all[0].Cursor.seen[e.ID] = true
	}
}
