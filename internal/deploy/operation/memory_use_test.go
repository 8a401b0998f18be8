package operation_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/manifest"
)

// endless is a stack with as many resources as a stack may have, of which each call tells a hundred new events, up to a number.
type endless struct {
	sent, total int
	at          map[int]func() // what is done when so many have been told
}

func (s *endless) Details(context.Context, string, string) ([]events.Detail, error) { return nil, nil }

func (s *endless) Events(context.Context, string, string) ([]events.Event, string, error) {
	if do := s.at[s.sent]; do != nil {
		do()
	}
	s.sent = min(s.sent+100, s.total)
	page := make([]events.Event, 0, 100)
	for i := s.sent; i > s.sent-100; i-- {
		now := status.UpdateInProgress
		if i%2 == 0 {
			now = status.UpdateComplete
		}
		e := events.Event{
			ID: strconv.Itoa(i), Time: time.Unix(int64(i), 0), StackID: "root", LogicalID: fmt.Sprint("Thing", (i+1)/2%500), PhysicalID: fmt.Sprint("thing-", (i+1)/2%500),
			Type: "AWS::SSM::Parameter", Status: now,
		}
		switch i {
		case 1, s.total:
			e.LogicalID, e.PhysicalID, e.Type = "root", "root", "AWS::CloudFormation::Stack"
		}
		page = append(page, e)
	}
	return page, "", nil
}

// Of ten thousand events nothing is kept but what still runs: the memory at the end is that of the beginning.
func TestTenThousandEventsTakeNoMoreMemoryThanOneThousand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heap := func() uint64 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		var early, late uint64
		source := &endless{total: 10_000, at: map[int]func(){1200: func() { early = heap() }, 9900: func() { late = heap() }}}
		view := &terminal.Progress{Terminal: &terminal.Terminal{Out: io.Discard, Err: io.Discard}}
		follow := operation.Follower{Stacks: source, View: view, Manifest: &manifest.Manifest{Site: "site", Environment: "dev"}}
		end, err := follow.Follow(t.Context(), "root", events.Cursor{})
		if err != nil || end.Status != "UPDATE_COMPLETE" {
			t.Fatalf("%+v, %v", end, err)
		}
		const most = 64 << 10
		if late > early+most || early == 0 {
			t.Errorf("%d KB after 1,200, %d KB at the end", early>>10, late>>10)
		}
		t.Logf("%d KB after 1,200, %d KB at the end", early>>10, late>>10)
	})
}
