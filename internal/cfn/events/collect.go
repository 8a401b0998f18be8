package events

import (
	"context"
	"fmt"

	"golang.org/x/time/rate"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/status"
)

// Collect reads all events of a past operation, of the whole tree of stacks, in order. Of a running one it reads the
// events so far. It also reads nested stacks that are deleted by now: CloudFormation keeps their events for 90 days.
func Collect(ctx context.Context, source Source, root string, o Operation) ([]Event, error) {
	c := &collection{source: source, operation: o, limit: rate.NewLimiter(perSecond, burst), known: map[string]bool{}}
	if err := c.stack(ctx, root, nil, o.Cursor); err != nil {
		return nil, fmt.Errorf("read the events of the operation: %w", err)
	}
	return merge(c.all), nil
}

type collection struct {
	source    Source
	operation Operation
	limit     *rate.Limiter
	known     map[string]bool
	all       []Event
}

// retrying is a source that retries after temporary errors.
type retrying struct{ Source }

func (r retrying) Events(ctx context.Context, stackID, page string) ([]Event, string, error) {
	return read(ctx, r.Source, stackID, page)
}

func (c *collection) stack(ctx context.Context, id string, path address.Path, mark Cursor) error {
	c.known[id] = true
	fresh, err := newReader(id, path, c.operation.Began.Time, mark).read(ctx, retrying{c.source}, c.limit.Wait)
	if err != nil {
		return err
	}
	for _, e := range fresh {
		after := !c.operation.Running() && e.Time.After(c.operation.Last.Time)
		if after || e.Status == status.ReviewInProgress {
			continue
		}
		c.all = append(c.all, e)
		if child := e.Child(); child != "" && !c.known[child] {
			if err := c.stack(ctx, child, path.Child(e.LogicalID), Cursor{}); err != nil {
				return err
			}
		}
	}
	return nil
}
