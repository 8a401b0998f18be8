package events

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"
)

// stream is a Source whose events are made as they are asked for: a new hundred at each call.
type stream struct{ sent, total int }

func (s *stream) Events(context.Context, string, string) ([]Event, string, error) {
	s.sent = min(s.sent+100, s.total)
	page := make([]Event, 0, 100)
	for i := s.sent; i > s.sent-100; i-- {
		e := Event{ID: strconv.Itoa(i), Time: time.Unix(int64(i), 0), StackID: "root", LogicalID: fmt.Sprint("Thing", i), Type: bucket, Status: "CREATE_COMPLETE"}
		if i == s.total {
			e = Event{ID: "end", Time: e.Time, StackID: "root", PhysicalID: "root", Type: StackType, Status: "CREATE_COMPLETE"}
		}
		page = append(page, e)
	}
	return page, "", nil
}

// BenchmarkRead reads 10,000 events: what is remembered of them does not grow with their number.
func BenchmarkRead(b *testing.B) {
	pay := func(context.Context) error { return nil }
	kept, read := 0, 0
	for b.Loop() {
		source, r := &stream{total: 10_000}, newReader("root", nil, time.Time{}, Cursor{})
		for read = 0; !r.ended(); {
			fresh, err := r.read(b.Context(), source, pay)
			if err != nil {
				b.Fatal(err)
			}
			read += len(fresh)
		}
		kept = len(r.seen)
	}
	b.ReportMetric(float64(read), "events/op")
	b.ReportMetric(float64(kept), "remembered")
}
