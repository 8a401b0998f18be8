package history_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/history"
)

// creation writes the events of a stack in which everything begins when the last thing that it needs is done, as CloudFormation
// does it, and gives the time at which the stack is done.
func creation(t *rapid.T, s *script, inside []string, begins int) (ends int) {
	name := "stack of " + fmt.Sprint(inside)
	n := rapid.IntRange(1, 5).Draw(t, name)
	done := make([]int, n)
	s.say(float64(begins), inside, "", "", "CREATE_IN_PROGRESS", "")
	for i := range n {
		begin := begins
		for need := range i {
			if rapid.Bool().Draw(t, "needs") {
				begin = max(begin, done[need])
			}
		}
		logicalID, kind := fmt.Sprintf("R%d", i), "AWS::S3::Bucket"
		nested := len(inside) < 2 && rapid.IntRange(0, 2).Draw(t, "nested") == 0
		if nested {
			kind = events.StackType
		}
		s.say(float64(begin), inside, logicalID, kind, "CREATE_IN_PROGRESS", "")
		if nested && rapid.Bool().Draw(t, "with something in it") {
			done[i] = creation(t, s, append(slices.Clone(inside), logicalID), begin)
		} else {
			done[i] = begin + rapid.IntRange(1, 100).Draw(t, "takes")
		}
		s.say(float64(done[i]), inside, logicalID, kind, "CREATE_COMPLETE", "")
	}
	ends = slices.Max(done)
	s.say(float64(ends), inside, "", "", "CREATE_COMPLETE", "")
	return ends
}

// Where everything begins as soon as it can, the critical path has no gap: it takes as long as the operation.
func TestTheCriticalPathIsTheOperation(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := &script{}
		ends := creation(rt, s, nil, 0)
		line := s.timeline(t)
		holds(rt, line)
		var took time.Duration
		for _, p := range line.Path {
			took += p.Took()
		}
		if want := time.Duration(ends) * time.Second; took != want || line.Took() != want {
			rt.Fatalf("the path %v takes %v and the operation %v, want %v", names(line.Path), took, line.Took(), want)
		}
	})
}

// Whatever the events say, in whatever order: bars stay within the operation, and the path is one.
func TestAnyEventsMakeATimeline(t *testing.T) {
	statuses := []status.Status{
		"CREATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_FAILED", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_FAILED",
		"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_IN_PROGRESS",
		"DELETE_IN_PROGRESS", "DELETE_COMPLETE", "DELETE_FAILED", "DELETE_SKIPPED",
	}
	places := [][]string{nil, {"A"}, {"B"}, {"A", "C"}, {"A", "C", "D"}}
	rapid.Check(t, func(rt *rapid.T) {
		s := &script{}
		s.say(0, nil, "", "", rapid.SampledFrom(statuses).Draw(rt, "first"), "")
		for range rapid.IntRange(0, 40).Draw(rt, "events") {
			kind := rapid.SampledFrom([]string{events.StackType, "AWS::S3::Bucket", "AWS::EC2::VPC"}).Draw(rt, "type")
			logicalID := rapid.SampledFrom([]string{"", "A", "B", "C", "X"}).Draw(rt, "of")
			s.say(float64(rapid.IntRange(0, 50).Draw(rt, "after")), rapid.SampledFrom(places).Draw(rt, "in"), logicalID, kind,
				rapid.SampledFrom(statuses).Draw(rt, "status"), rapid.SampledFrom([]string{"", "Resource creation cancelled", "broken"}).Draw(rt, "reason"))
		}
		holds(rt, s.timeline(t))
	})
}

// holds checks what is true of every timeline.
func holds(t *rapid.T, line *history.Timeline) {
	critical, end := 0, time.Time{}
	check := func(b *history.Bar, leaf bool) {
		if len(b.Phases) == 0 {
			t.Fatalf("%s has no phase", b.Name())
		}
		for i, p := range b.Phases {
			if p.Bar != b || p.Began.Before(line.Began) || p.Ended.After(line.Ended) || p.Ended.Before(p.Began) {
				t.Fatalf("%s %s: from %v to %v, outside %v to %v", b.Name(), p.Verb, p.Began, p.Ended, line.Began, line.Ended)
			}
			if leaf && i > 0 && p.Began.Before(b.Phases[i-1].Ended) {
				t.Fatalf("%s %s begins before %s has ended", b.Name(), p.Verb, b.Phases[i-1].Verb)
			}
			if p.Critical {
				critical++
			}
			if leaf && p.Outcome != history.Cancelled && p.Ended.After(end) {
				end = p.Ended
			}
		}
	}
	line.Root.Walk(func(s *history.Stack) {
		check(&s.Bar, len(s.Bars)+len(s.Stacks) == 0 && len(s.Inside) > 0)
		for _, b := range s.Bars {
			check(b, true)
		}
	})
	if critical != len(line.Path) {
		t.Fatalf("%d phases say that they are critical, %d are", critical, len(line.Path))
	}
	for i, p := range line.Path {
		if p.Outcome == history.Cancelled || i > 0 && p.Began.Before(line.Path[i-1].Ended) {
			t.Fatalf("%v is no path: %s %s does not fit", names(line.Path), p.Bar.Name(), p.Verb)
		}
	}
	if n := len(line.Path); n > 0 && !line.Path[n-1].Ended.Equal(end) || n == 0 && !end.IsZero() {
		t.Fatalf("%v does not end at %v", names(line.Path), end)
	}
}
