package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"distributed-moodle/internal/cfn/status"
)

// history is a Source in memory: each event is seen from its time on, late ones later. Times are those of a synctest bubble.
type history struct {
	pageSize int
	latency  time.Duration
	refuse   func(call int) error

	lock  sync.Mutex
	byID  map[string][]visible
	calls []time.Time
	asked map[string]int
}

type visible struct {
	Event
	from time.Time
}

func newHistory() *history {
	return &history{pageSize: 100, byID: map[string][]visible{}, asked: map[string]int{}}
}

// say adds an event of a stack that is seen after a time from now.
func (h *history) say(after time.Duration, stack, logicalID, physicalID, kind string, status status.Status, reason string) {
	h.late(after, 0, stack, logicalID, physicalID, kind, status, reason)
}

// late adds an event that shows up only some time after it happened.
func (h *history) late(after, delay time.Duration, stack, logicalID, physicalID, kind string, status status.Status, reason string) {
	at := time.Now().Add(after)
	h.byID[stack] = append(h.byID[stack], visible{from: at.Add(delay), Event: Event{
		ID: fmt.Sprintf("%s-%d", stack, len(h.byID[stack])), Time: at, StackID: stack, StackName: "name-of-" + stack,
		LogicalID: logicalID, PhysicalID: physicalID, Type: kind, Status: status, Reason: reason,
	}})
}

// own adds an event that a stack says of itself.
func (h *history) own(after time.Duration, stack string, status status.Status) {
	h.say(after, stack, "name-of-"+stack, stack, StackType, status, "")
}

// child adds an event that a stack says of one nested in it.
func (h *history) child(after time.Duration, stack, logicalID, child string, status status.Status, reason string) {
	h.say(after, stack, logicalID, child, StackType, status, reason)
}

const bucket = "AWS::S3::Bucket"

func (h *history) Events(ctx context.Context, stackID, page string) ([]Event, string, error) {
	h.lock.Lock()
	h.calls = append(h.calls, time.Now())
	h.asked[stackID]++
	number := len(h.calls)
	h.lock.Unlock()
	time.Sleep(h.latency)
	if h.refuse != nil {
		if err := h.refuse(number); err != nil {
			return nil, "", err
		}
	}
	var all []Event
	for _, v := range h.byID[stackID] {
		if !v.from.After(time.Now()) {
			all = append(all, v.Event)
		}
	}
	if h.byID[stackID] == nil {
		return nil, "", errors.New("no such stack " + stackID)
	}
	slices.SortStableFunc(all, func(a, b Event) int { return a.Time.Compare(b.Time) })
	slices.Reverse(all)
	from, _ := strconv.Atoi(page)
	to := min(from+h.pageSize, len(all))
	if to == len(all) {
		return all[from:to], "", nil
	}
	return all[from:to], strconv.Itoa(to), nil
}

// busiest is the most calls in any stretch of time.
func (h *history) busiest(stretch time.Duration) int {
	most := 0
	for i, from := range h.calls {
		n := 0
		for _, at := range h.calls[i:] {
			if at.Sub(from) < stretch {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}
