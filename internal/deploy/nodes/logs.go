package nodes

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"distributed-moodle/internal/poll"
)

// Logs is what is asked of CloudWatch Logs.
type Logs interface {
	FilterLogEvents(
		context.Context, *cloudwatchlogs.FilterLogEventsInput, ...func(*cloudwatchlogs.Options),
	) (*cloudwatchlogs.FilterLogEventsOutput, error)
}

// Line is one line of a log.
type Line struct {
	Time   time.Time
	Stream string // which node, and which of its logs
	Text   string

	id string
}

// A line shows up in CloudWatch some time after it was written: a follower looks back so far each time, and tells each
// line once.
const (
	late  = 30 * time.Second
	every = 3 * time.Second
)

// Read gives the lines of all log groups since a time, in the order of their times.
func (f Fleet) Read(ctx context.Context, api Logs, since time.Time) ([]Line, error) {
	var all []Line
	for _, group := range f.Logs {
		in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group, StartTime: aws.Int64(since.UnixMilli())}
		for {
			page, err := api.FilterLogEvents(ctx, in)
			if err != nil {
				return nil, fmt.Errorf("read the log group %s: %w", group, err)
			}
			for _, e := range page.Events {
				all = append(all, Line{
					Time: time.UnixMilli(aws.ToInt64(e.Timestamp)).UTC(), Stream: aws.ToString(e.LogStreamName),
					Text: aws.ToString(e.Message), id: aws.ToString(e.EventId),
				})
			}
			if aws.ToString(page.NextToken) == "" {
				break
			}
			in.NextToken = page.NextToken
		}
	}
	slices.SortStableFunc(
		all, func(a, b Line) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Stream, b.Stream)) },
	)
	return all, nil
}

// Follow passes on every line since a time, and then each new one, until ctx ends.
func (f Fleet) Follow(ctx context.Context, api Logs, since time.Time, emit func(Line)) error {
	emitted := map[string]time.Time{}
	for {
		lines, err := f.Read(ctx, api, since)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if _, twice := emitted[l.id]; !twice {
				emitted[l.id] = l.Time
				emit(l)
			}
		}
		if back := time.Now().Add(-late); back.After(since) {
			since = back
		}
		for id, at := range emitted {
			if at.Before(since) {
				delete(emitted, id)
			}
		}
		if err := poll.Sleep(ctx, every); err != nil {
			return err
		}
	}
}
