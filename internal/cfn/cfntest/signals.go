package cfntest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// awaited is a resource whose CreationPolicy waits for signals.
type awaited struct {
	stack    *stack
	resource *resource
	count    int
	got      map[string]types.ResourceSignalStatus // by unique id
	end      func(failure string)
}

// NodesAreSilent lets resources with a CreationPolicy wait for calls of SignalResource; without it, their signals count
// as given.
func (a *Account) NodesAreSilent() { a.locked(func() { a.rules.silent = true }) }

// awaitSignals keeps a created resource in progress until its signals came, or their time is over.
func (a *Account) awaitSignals(s *stack, r *resource, done func(failure string)) (cancel func()) {
	policy, _ := r.definition["CreationPolicy"].(map[string]any)
	signal, ok := policy["ResourceSignal"].(map[string]any)
	if !ok || !a.rules.silent {
		done("")
		return nil
	}
	w := &awaited{stack: s, resource: r, count: countOf(signal["Count"]), got: map[string]types.ResourceSignalStatus{}}
	w.end = func(failure string) {
		if slices.Contains(a.awaited, w) {
			a.awaited = slices.DeleteFunc(a.awaited, func(other *awaited) bool { return other == w })
			done(failure)
		}
	}
	a.awaited = append(a.awaited, w)
	a.timeline.after(timeoutOf(signal["Timeout"]), func() {
		w.end(fmt.Sprintf("Failed to receive %d resource signal(s) within the specified duration", w.count-len(w.got)))
	})
	return func() { w.end("Resource creation cancelled") }
}

func countOf(v any) int {
	if n, err := strconv.Atoi(textOf(v)); err == nil {
		return n
	}
	return 1
}

var durations = regexp.MustCompile(`^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$`)

// timeoutOf reads an ISO 8601 duration; a CreationPolicy's default is five minutes.
func timeoutOf(v any) time.Duration {
	m := durations.FindStringSubmatch(textOf(v))
	if m == nil {
		return 5 * time.Minute
	}
	var d time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+1]) // "" is none
		d += time.Duration(n) * unit
	}
	return d
}

func (a *Account) signalResource(in *cloudformation.SignalResourceInput) (*cloudformation.SignalResourceOutput, error) {
	s, err := a.existing(*in.StackName)
	if err != nil {
		return nil, err
	}
	if s.status != "CREATE_IN_PROGRESS" && s.status != "UPDATE_IN_PROGRESS" {
		return nil, invalid("Stack %s is in %s state and cannot be signaled", s.id, s.status)
	}
	i := slices.IndexFunc(a.awaited, func(w *awaited) bool {
		return w.stack == s && w.resource.logicalID == *in.LogicalResourceId
	})
	if i < 0 {
		return nil, invalid("Resource [%s] in stack [%s] is not waiting for signals", *in.LogicalResourceId, s.name)
	}
	w := a.awaited[i]
	w.got[*in.UniqueId] = in.Status
	a.tell(s, w.resource, "CREATE_IN_PROGRESS", fmt.Sprintf("Received %s signal with UniqueId %s", in.Status, *in.UniqueId))
	if len(w.got) >= w.count {
		w.end(w.verdict())
	}
	return &cloudformation.SignalResourceOutput{}, nil
}

// verdict is the failure when a signal was one.
func (w *awaited) verdict() string {
	failures := 0
	for _, status := range w.got {
		if status == types.ResourceSignalStatusFailure {
			failures++
		}
	}
	if failures == 0 {
		return ""
	}
	return fmt.Sprintf(
		"Received %d FAILURE signal(s) out of %d.  Unable to satisfy 100%% MinSuccessfulInstancesPercent requirement",
		failures, w.count,
	)
}
