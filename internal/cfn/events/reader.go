package events

import (
	"context"
	"errors"
	"slices"
	"time"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/status"
)

// Cursor is where an operation begins: the events that were there before it, as many as the newest page holds. The zero Cursor
// is the beginning of the stack's history.
type Cursor struct {
	seen  map[string]bool
	since time.Time // nothing older is of the operation
}

// CursorNow reads the cursor of a stack before an operation is started on it: one call, or a few after temporary errors.
func CursorNow(ctx context.Context, source Source, stackID string) (Cursor, error) {
	page, _, err := source.Events(ctx, stackID, "")
	for pause := markPause; errors.Is(err, ErrLater) && pause < patience; pause *= 2 {
		select {
		case <-ctx.Done():
			return Cursor{}, ctx.Err()
		case <-time.After(pause):
		}
		page, _, err = source.Events(ctx, stackID, "")
	}
	if err != nil {
		return Cursor{}, err
	}
	mark := Cursor{seen: map[string]bool{}}
	for _, e := range page {
		mark.seen[e.ID] = true
	}
	return mark, nil
}

// markPause is the first wait of [CursorNow]; each one after it is twice as long.
const markPause = 200 * time.Millisecond

// slack is how much older than the newest event an event may be that appears late: events of one second come in any order.
const slack = 5 * time.Second

// reader reads each event of one stack once.
type reader struct {
	stackID string
	path    address.Path
	since   time.Time            // nothing older is of this operation
	seen    map[string]time.Time // the events that may come again: those of the mark, and the recent ones
	first   time.Time            // time of the operation's first event
	newest  time.Time

	parentRuns bool  // the parent says that something is being done with this stack
	own        Event // the last that the stack said of itself; without a status before it said anything
	parentSaid Event // the last that the parent said of it
	drained    bool  // it has been read after the root's end
	unread     bool  // something has been said about it and it has not been read since
	next       time.Time
	idle       int // reads in a row that brought nothing
}

func newReader(stackID string, path address.Path, since time.Time, mark Cursor) *reader {
	r := &reader{stackID: stackID, path: path, since: since, seen: map[string]time.Time{}, parentRuns: true, unread: true}
	for id := range mark.seen {
		r.seen[id] = time.Time{}
	}
	return r
}

// read fetches new events, the oldest first. It reads pages only until one has an event that it knows or that is older than the
// operation.
func (r *reader) read(ctx context.Context, source Source, pay func(context.Context) error) ([]Event, error) {
	var fresh []Event
	again := map[string]bool{} // a page moves on while the next one is asked for
	for page := ""; ; {
		if err := pay(ctx); err != nil {
			return nil, err
		}
		events, next, err := source.Events(ctx, r.stackID, page)
		if err != nil {
			return nil, err // nothing is remembered of a half read: the next one begins at the newest again
		}
		reached := next == ""
		for _, e := range events {
			switch _, known := r.seen[e.ID]; {
			case known:
				reached = true
			case e.Time.Before(r.since) || e.Time.Before(r.newest.Add(-slack)):
				reached = true
			case !again[e.ID]:
				again[e.ID] = true
				e.Path = r.path
				fresh = append(fresh, e)
			}
		}
		if reached {
			break
		}
		page = next
	}
	slices.Reverse(fresh)
	r.remember(fresh)
	return fresh, nil
}

func (r *reader) remember(fresh []Event) {
	r.unread = false
	for _, e := range fresh {
		r.seen[e.ID] = e.Time
		if e.Status != status.ReviewInProgress && (r.first.IsZero() || e.Time.Before(r.first)) {
			r.first = e.Time
		}
		if e.Time.After(r.newest) {
			r.newest = e.Time
		}
		if e.OfStack() && e.Status != status.ReviewInProgress {
			r.own = later(r.own, e)
		}
	}
	for id, at := range r.seen {
		if !at.IsZero() && at.Before(r.newest.Add(-slack)) {
			delete(r.seen, id)
		}
	}
}

// active reports whether the stack may still have new events: its parent works on it, or it itself does (a nested stack cleans up
// after its parent's event that it is complete), or its last event has not been read.
func (r *reader) active() bool {
	return r.parentRuns || r.unread || r.own.Running()
}

// ended reports whether the stack's last event of the operation has been read.
func (r *reader) ended() bool { return r.own.Status != "" && !r.own.Running() }

// later returns the later of two events about the same resource, in whatever order they are listed: CloudFormation does not order
// events within a second. Of two at one time the one that ends something is the later one.
func later(known, e Event) Event {
	if known.Status == "" || e.Time.After(known.Time) || e.Time.Equal(known.Time) && (known.Running() || !e.Running()) {
		return e
	}
	return known
}

// schedule sets when to read the stack next: soon after new events, later without.
func (r *reader) schedule(now time.Time, news bool) {
	if news {
		r.idle = 0
	}
	r.next = now.Add(min(shortest<<r.idle, longest))
	r.idle = min(r.idle+1, 10)
}

// Between two reads of one stack.
const (
	shortest = 20 * time.Millisecond
	longest  = 4 * time.Second
)
