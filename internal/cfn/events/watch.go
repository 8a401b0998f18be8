package events

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/poll"
)

// The budget of calls that all stacks of a tree share: a burst at the start, and at most 20 calls in any 10 seconds,
// whatever the number of stacks. CloudFormation's own limits are per account, not per program.
const (
	burst     = 10
	perSecond = 1
)

// patience is how long a watch continues without any answer before it gives up. The operation itself is not affected.
const patience = 10 * time.Minute

// End is how an operation ended: the root stack's last status and its reason.
type End struct {
	Status status.Status
	Reason string
}

// Succeeded reports whether the operation succeeded.
func (e End) Succeeded() bool {
	return e.Status.Succeeded()
}

// Watch follows operations of a tree of stacks.
type Watch struct {
	source  Source
	limit   *rate.Limiter
	readers []*reader // the root first, then the nested stacks as they show up
	known   map[string]*reader

	refused int // answers in a row that were ErrLater
	answer  time.Time
}

// NewWatch makes a watch; each follows one operation.
func NewWatch(source Source) *Watch {
	return &Watch{source: source, limit: rate.NewLimiter(perSecond, burst), known: map[string]*reader{}}
}

// Follow passes every event of the operation that began at the cursor to emit, in the order of their times as far as
// they have been read, until the root stack's operation ends. If ctx ends, so does the watch; the operation continues.
func (w *Watch) Follow(ctx context.Context, root string, mark Cursor, emit func(Event)) (End, error) {
	w.add(newReader(root, nil, mark.since, mark))
	return w.Resume(ctx, emit)
}

// Resume continues a watch whose ctx has ended.
func (w *Watch) Resume(ctx context.Context, emit func(Event)) (End, error) {
	w.answer = time.Now()
	for {
		round, err := w.round(ctx)
		for _, e := range round {
			emit(e) // of a round that broke off as well: what has been read is not read again
		}
		if err != nil {
			return End{}, err
		}
		if w.readers[0].ended() && len(w.due(time.Now())) == 0 {
			root := w.readers[0].own
			return End{Status: root.Status, Reason: root.Reason}, nil
		}
		if err := w.sleep(ctx); err != nil {
			return End{}, err
		}
	}
}

// round reads every stack that is due, including those that it discovers meanwhile, and returns the new events in
// order.
func (w *Watch) round(ctx context.Context) (all []Event, broken error) {
	for {
		due := w.due(time.Now())
		if len(due) == 0 {
			break
		}
		fresh, err := w.readAll(ctx, due)
		all = append(all, fresh...)
		w.learn(fresh)
		if err != nil {
			broken = err
			break
		}
		if w.refused > 0 {
			break
		}
	}
	all = slices.DeleteFunc(all, func(e Event) bool { return e.Status == status.ReviewInProgress })
	return merge(all), broken
}

// due returns the stacks to read now. When the root has ended, each nested stack that has not is read once more: its
// last events exist by then, since a parent ends after its children.
func (w *Watch) due(now time.Time) []*reader {
	last := w.readers[0].ended()
	var due []*reader
	for i, r := range w.readers {
		switch {
		case !r.active() || r.drained:
		case last && i > 0, !last && !r.next.After(now):
			due = append(due, r)
		}
	}
	return due
}

// readAll reads stacks concurrently, with a shared budget. A refusal delays the next read of all of them.
func (w *Watch) readAll(ctx context.Context, due []*reader) ([]Event, error) {
	last := w.readers[0].ended()
	fresh := make([][]Event, len(due))
	later := make([]error, len(due))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, r := range due {
		group.Go(func() error {
			events, err := r.read(groupCtx, w.source, w.pay)
			if errors.Is(err, ErrLater) {
				later[i] = err
				return nil
			}
			fresh[i] = events
			return err
		})
	}
	if err := group.Wait(); err != nil {
		read := slices.Concat(fresh...)
		if ctx.Err() != nil {
			return read, context.Cause(ctx)
		}
		return read, fmt.Errorf("read the stack's events: %w", err)
	}
	now := time.Now()
	for i, r := range due {
		r.schedule(now, len(fresh[i]) > 0)
		r.drained = last && later[i] == nil
	}
	return slices.Concat(fresh...), w.backOff(now, later)
}

// pay waits until the budget allows a call. The limiter returns at once if a deadline comes before that: that is not an
// error of the watch, which continues until then.
func (w *Watch) pay(ctx context.Context) error {
	if err := w.limit.Wait(ctx); err != nil {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return nil
}

// backOff counts refusals and delays every next read; only a long time without an answer is an error.
func (w *Watch) backOff(now time.Time, later []error) error {
	refusal := errors.Join(later...)
	if refusal == nil {
		w.refused, w.answer = 0, now
		return nil
	}
	if now.Sub(w.answer) > patience {
		return fmt.Errorf("no answer about the stack's events for %v: %w", patience, refusal)
	}
	pause := min(time.Second<<w.refused, 30*time.Second)
	pause += rand.N(pause / 2)
	w.refused = min(w.refused+1, 10)
	for _, r := range w.readers {
		r.next = now.Add(pause)
	}
	return nil
}

// learn updates the list of nested stacks from events: that there is one, that its parent works on it, that it is
// complete.
func (w *Watch) learn(fresh []Event) {
	for _, e := range fresh {
		if e.OfStack() && !e.Running() {
			w.wake(w.parent(e.StackID))
		}
		id := e.Child()
		if id == "" || e.Status == status.ReviewInProgress {
			continue
		}
		child := w.known[id]
		if child == nil {
			child = newReader(id, e.Path.Child(e.LogicalID), w.start(), Cursor{})
			w.add(child)
		}
		child.parentSaid, child.unread = later(child.parentSaid, e), true
		child.parentRuns = child.parentSaid.Running()
		w.wake(child)
	}
}

func (w *Watch) add(r *reader) {
	w.readers = append(w.readers, r)
	w.known[r.stackID] = r
}

// start is when the operation began, by the server's clock: earlier events of a nested stack do not belong to it.
func (w *Watch) start() time.Time { return w.readers[0].first }

func (w *Watch) parent(stackID string) *reader {
	r := w.known[stackID]
	if r == nil || len(r.path) == 0 {
		return nil
	}
	for _, p := range w.readers {
		if slices.Equal(p.path, r.path[:len(r.path)-1]) {
			return p
		}
	}
	return nil
}

// wake makes a stack be read at once: another stack's event says that it has new events.
func (w *Watch) wake(r *reader) {
	if r != nil {
		r.next, r.idle = time.Time{}, 0
	}
}

func (w *Watch) sleep(ctx context.Context) error {
	var next time.Time
	for _, r := range w.readers {
		if r.active() && (next.IsZero() || r.next.Before(next)) {
			next = r.next
		}
	}
	return poll.Sleep(ctx, time.Until(next))
}
