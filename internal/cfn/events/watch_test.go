package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// follow watches a root stack to its end and gives what was emitted, as "path/logical id status".
func follow(t *testing.T, h *history, mark Cursor) (told []string, end End, err error) {
	t.Helper()
	end, err = NewWatch(h).Follow(t.Context(), "root", mark, func(e Event) { told = append(told, line(e)) })
	return told, end, err
}

func line(e Event) string {
	name := e.LogicalID
	if e.OfStack() {
		name = "itself"
	}
	return strings.Join(append(slices.Clone(e.Path), name), "/") + " " + string(e.Status)
}

// deployment is a root with two nested stacks, one after the other, and one nested in the second.
func deployment(h *history) {
	s := time.Second
	h.own(0, "root", "REVIEW_IN_PROGRESS")
	h.own(1*s, "root", "CREATE_IN_PROGRESS")
	h.child(2*s, "root", "Network", "", "CREATE_IN_PROGRESS", "")
	h.child(3*s, "root", "Network", "network", "CREATE_IN_PROGRESS", "Resource creation Initiated")
	h.own(0, "network", "REVIEW_IN_PROGRESS")
	h.own(4*s, "network", "CREATE_IN_PROGRESS")
	h.say(20*s, "network", "Vpc", "vpc-1", bucket, "CREATE_COMPLETE", "")
	h.own(40*s, "network", "CREATE_COMPLETE")
	h.child(41*s, "root", "Network", "network", "CREATE_COMPLETE", "")
	h.child(42*s, "root", "App", "app", "CREATE_IN_PROGRESS", "")
	h.own(43*s, "app", "CREATE_IN_PROGRESS")
	h.child(44*s, "app", "Inner", "inner", "CREATE_IN_PROGRESS", "")
	h.own(45*s, "inner", "CREATE_IN_PROGRESS")
	h.own(200*s, "inner", "CREATE_COMPLETE")
	h.child(201*s, "app", "Inner", "inner", "CREATE_COMPLETE", "")
	h.own(202*s, "app", "CREATE_COMPLETE")
	h.child(203*s, "root", "App", "app", "CREATE_COMPLETE", "")
	h.own(204*s, "root", "CREATE_COMPLETE")
}

var toldOfDeployment = []string{
	"itself CREATE_IN_PROGRESS", "Network CREATE_IN_PROGRESS", "Network CREATE_IN_PROGRESS", "Network/itself CREATE_IN_PROGRESS",
	"Network/Vpc CREATE_COMPLETE", "Network/itself CREATE_COMPLETE", "Network CREATE_COMPLETE", "App CREATE_IN_PROGRESS",
	"App/itself CREATE_IN_PROGRESS", "App/Inner CREATE_IN_PROGRESS", "App/Inner/itself CREATE_IN_PROGRESS",
	"App/Inner/itself CREATE_COMPLETE", "App/Inner CREATE_COMPLETE", "App/itself CREATE_COMPLETE", "App CREATE_COMPLETE",
	"itself CREATE_COMPLETE",
}

func TestFollowTellsTheWholeTreeInOrder(t *testing.T) {
	for _, pageSize := range []int{100, 3, 1} {
		synctest.Test(t, func(t *testing.T) {
			h := newHistory()
			h.pageSize, h.latency = pageSize, 80*time.Millisecond
			deployment(h)
			began := time.Now()
			told, end, err := follow(t, h, Cursor{})
			if err != nil || end.Status != "CREATE_COMPLETE" || !end.Succeeded() {
				t.Fatalf("ended %v, %v", end, err)
			}
			if diff := cmp.Diff(toldOfDeployment, told); diff != "" {
				t.Errorf("pages of %d (-want +got):\n%s", pageSize, diff)
			}
			if late := time.Since(began) - 204*time.Second; late > longest+2*time.Second {
				t.Errorf("the end was seen %v after it happened", late)
			}
			if n := h.busiest(10 * time.Second); n > 20 {
				t.Errorf("%d calls in 10 seconds, want at most 20", n)
			}
		})
	}
}

// The end is the root's own, whatever a nested stack or a resource called like a stack says.
func TestFollowEndsWithTheRoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		s := time.Second
		h.own(1*s, "root", "UPDATE_IN_PROGRESS")
		h.child(2*s, "root", "App", "app", "UPDATE_IN_PROGRESS", "")
		h.own(3*s, "app", "UPDATE_IN_PROGRESS")
		h.own(5*s, "app", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
		h.child(6*s, "root", "App", "app", "UPDATE_COMPLETE", "")
		h.own(7*s, "root", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
		h.say(30*s, "app", "Old", "old", bucket, "DELETE_COMPLETE", "")
		h.own(31*s, "app", "UPDATE_COMPLETE")
		h.own(32*s, "root", "UPDATE_COMPLETE")
		told, end, err := follow(t, h, Cursor{})
		if err != nil || end.Status != "UPDATE_COMPLETE" {
			t.Fatalf("ended %v, %v", end, err)
		}
		want := []string{"App/Old DELETE_COMPLETE", "App/itself UPDATE_COMPLETE", "itself UPDATE_COMPLETE"}
		if diff := cmp.Diff(want, told[len(told)-3:]); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFollowBeginsAtTheMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		s := time.Second
		for i := range 250 { // the operation before, of more than two pages, that ended a moment ago
			h.say(time.Duration(i)*time.Millisecond, "root", fmt.Sprint("Old", i), "x", bucket, "UPDATE_COMPLETE", "")
			h.say(time.Duration(i)*time.Millisecond, "app", fmt.Sprint("Old", i), "x", bucket, "UPDATE_COMPLETE", "")
		}
		h.own(250*time.Millisecond, "root", "UPDATE_COMPLETE")
		h.own(250*time.Millisecond, "app", "UPDATE_COMPLETE")
		time.Sleep(300 * time.Millisecond)
		mark, err := CursorNow(t.Context(), h, "root")
		if err != nil {
			t.Fatal(err)
		}
		h.own(1*s, "root", "UPDATE_IN_PROGRESS")
		h.child(2*s, "root", "App", "app", "UPDATE_IN_PROGRESS", "")
		h.own(3*s, "app", "UPDATE_IN_PROGRESS")
		h.own(4*s, "app", "UPDATE_COMPLETE")
		h.child(5*s, "root", "App", "app", "UPDATE_COMPLETE", "")
		h.own(6*s, "root", "UPDATE_COMPLETE")
		h.asked = map[string]int{}
		told, _, err := follow(t, h, mark)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"itself UPDATE_IN_PROGRESS", "App UPDATE_IN_PROGRESS", "App/itself UPDATE_IN_PROGRESS", "App/itself UPDATE_COMPLETE",
			"App UPDATE_COMPLETE", "itself UPDATE_COMPLETE",
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFollowSeesWhatShowsUpLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		s := time.Second
		h.own(1*s, "root", "CREATE_IN_PROGRESS")
		h.say(10*s, "root", "First", "a", bucket, "CREATE_IN_PROGRESS", "")
		h.late(9900*time.Millisecond, 4700*time.Millisecond, "root", "Second", "b", bucket, "CREATE_IN_PROGRESS", "")
		h.own(60*s, "root", "CREATE_COMPLETE")
		told, _, err := follow(t, h, Cursor{})
		if err != nil || !slices.Contains(told, "Second CREATE_IN_PROGRESS") {
			t.Errorf("told %v, %v", told, err)
		}
	})
}

// Pages move on while they are turned: what is told twice by the source is told once by the watch.
func TestEachEventIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		h.pageSize, h.latency = 2, 150*time.Millisecond
		h.own(time.Second, "root", "CREATE_IN_PROGRESS")
		for i := range 40 {
			h.say(time.Second+time.Duration(i)*100*time.Millisecond, "root", fmt.Sprint("Thing", i), "x", bucket, "CREATE_COMPLETE", "")
		}
		h.own(6*time.Second, "root", "CREATE_COMPLETE")
		told, _, err := follow(t, h, Cursor{})
		if err != nil {
			t.Fatal(err)
		}
		if once := slices.Compact(slices.Sorted(slices.Values(told))); len(told) != 42 || len(once) != 42 {
			t.Errorf("told %d events, %d different ones, want 42", len(told), len(once))
		}
	})
}

func TestARefusalOnlyMovesTheNextCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		deployment(h)
		h.refuse = func(call int) error {
			if call%3 == 0 || call > 20 && call < 26 {
				return fmt.Errorf("%w: Rate exceeded", ErrLater)
			}
			return nil
		}
		told, end, err := follow(t, h, Cursor{})
		if err != nil || !end.Succeeded() {
			t.Fatalf("ended %v, %v", end, err)
		}
		slices.Sort(told)
		want := slices.Sorted(slices.Values(toldOfDeployment))
		if diff := cmp.Diff(want, told); diff != "" {
			t.Error(diff)
		}
	})
}

func TestALongSilenceIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		deployment(h)
		h.refuse = func(int) error { return ErrLater }
		began := time.Now()
		_, _, err := follow(t, h, Cursor{})
		if !errors.Is(err, ErrLater) || time.Since(began) < patience {
			t.Errorf("gave up after %v with %v", time.Since(began), err)
		}
		if n := h.busiest(10 * time.Second); n > 20 {
			t.Errorf("%d calls in 10 seconds, want at most 20", n)
		}
	})
}

func TestAnyOtherErrorEndsTheWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		deployment(h)
		expired := errors.New("the security token included in the request is expired")
		h.refuse = func(call int) error {
			if call > 4 {
				return expired
			}
			return nil
		}
		if _, _, err := follow(t, h, Cursor{}); !errors.Is(err, expired) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnInterruptEndsTheWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		deployment(h)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
		defer cancel()
		_, err := NewWatch(h).Follow(ctx, "root", Cursor{}, func(Event) {})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

// The budget holds at any number of stacks, and only those in progress are asked.
func TestTheBudgetIsSharedByAllStacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		s := time.Second
		h.own(0, "root", "UPDATE_IN_PROGRESS")
		for i := range 40 {
			child := fmt.Sprint("child", i)
			h.child(s, "root", fmt.Sprint("Child", i), child, "UPDATE_IN_PROGRESS", "")
			h.own(2*s, child, "UPDATE_IN_PROGRESS")
			done := 20 * s
			if i%2 == 0 {
				done = 1800 * s
			}
			for k := range 50 {
				h.say(done-time.Duration(50-k)*100*time.Millisecond, child, fmt.Sprint("Thing", k), "x", bucket, "UPDATE_COMPLETE", "")
			}
			h.own(done, child, "UPDATE_COMPLETE")
			h.child(done+s, "root", fmt.Sprint("Child", i), child, "UPDATE_COMPLETE", "")
		}
		h.own(1900*s, "root", "UPDATE_COMPLETE")
		count := 0
		_, err := NewWatch(h).Follow(t.Context(), "root", Cursor{}, func(Event) { count++ })
		if want := 40*(50+2+2) + 2; err != nil || count != want {
			t.Errorf("told %d events, want %d; %v", count, want, err)
		}
		if n := h.busiest(10 * time.Second); n > 20 {
			t.Errorf("%d calls in 10 seconds, want at most 20", n)
		}
		if quick, slow := h.asked["child1"], h.asked["child0"]; quick > slow/2 {
			t.Errorf("a stack that was done after 20 s was asked %d times, one that took 1800 s %d times", quick, slow)
		}
	})
}

func TestTheMarkWaitsForAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		h.own(0, "root", "CREATE_COMPLETE")
		h.refuse = func(call int) error {
			if call < 3 {
				return ErrLater
			}
			return nil
		}
		mark, err := CursorNow(t.Context(), h, "root")
		if err != nil || len(mark.seen) != 1 {
			t.Errorf("mark %v, %v", mark, err)
		}
		h.refuse = func(int) error { return ErrLater }
		if _, err := CursorNow(t.Context(), h, "root"); !errors.Is(err, ErrLater) {
			t.Errorf("never answered: %v", err)
		}
	})
}
