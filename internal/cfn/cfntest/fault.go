package cfntest

import (
	"fmt"
	"net/http"
	"time"
)

// Fault makes calls fail.
type Fault struct {
	// Action is whose calls go wrong, such as DescribeStackEvents, PutObject or GetCallerIdentity; of every call when empty.
	Action string
	// Skip is how many such calls pass before the first that goes wrong.
	Skip int
	// Times is how many go wrong; every one until [Account.Heal] when 0.
	Times int
	// From and Until bound the time, counted from the injection. Until 0 has no end.
	From, Until time.Duration
	// Effect is what goes wrong.
	Effect Effect

	injected time.Time
	hit      int
}

// Effect is how a call goes wrong.
type Effect struct {
	status        int
	code, message string
	acts          bool // the server does what it was asked
	resets        bool // instead of an answer the connection breaks
	cuts          bool // the answer breaks off in its middle
}

// What can go wrong with a call.
var (
	// Throttled is refused for the rate of calls; nothing was done.
	Throttled = Effect{status: http.StatusBadRequest, code: "Throttling", message: "Rate exceeded"}
	// InternalFailure is a fault of the server; nothing was done.
	InternalFailure = Effect{status: http.StatusInternalServerError, code: "InternalFailure", message: "Internal Failure"}
	// Unavailable is a server that is overloaded; nothing was done.
	Unavailable = Effect{status: http.StatusServiceUnavailable, code: "ServiceUnavailable", message: "Service is unable to handle request."}
	// ResetBefore breaks the connection before the server has read the call.
	ResetBefore = Effect{resets: true}
	// ResetAfter breaks the connection when the server has done what it was asked.
	ResetAfter = Effect{resets: true, acts: true}
	// CutOff ends the answer in its middle.
	CutOff = Effect{cuts: true, acts: true}
	// Expired refuses credentials whose time is over.
	Expired = Effect{status: http.StatusForbidden, code: "ExpiredToken", message: "The security token included in the request is expired"}
)

// Refused answers with an error of AWS: its HTTP status, code and message.
func Refused(status int, code, message string) Effect {
	return Effect{status: status, code: code, message: message}
}

// Denied is a missing permission.
func Denied(action string) Effect {
	return Refused(http.StatusForbidden, "AccessDenied", fmt.Sprintf("User is not authorized to perform: %s", action))
}

// Inject lets calls go wrong from now on. Of several faults that a call meets, the one that was injected first is used up first.
func (a *Account) Inject(f Fault) {
	a.locked(func() {
		f.injected = a.timeline.now
		a.faults = append(a.faults, &f)
	})
}

// Heal removes all faults.
func (a *Account) Heal() { a.locked(func() { a.faults = nil }) }

// fault finds what goes wrong with a call, and counts it; nil when nothing does.
func (a *Account) fault(action string) *Effect {
	for _, f := range a.faults {
		since := a.timeline.now.Sub(f.injected)
		if f.Action != "" && f.Action != action || since < f.From || f.Until > 0 && since >= f.Until {
			continue
		}
		if f.Times > 0 && f.hit >= f.Skip+f.Times {
			continue
		}
		f.hit++
		if f.hit > f.Skip {
			return &f.Effect
		}
	}
	return nil
}

// hook is something that a test does in the middle of what it tests.
type hook struct {
	action string
	skip   int
	do     func()
}

// Before runs a function right before a call of an action reaches the server, after so many of them have passed: what somebody
// else does in that moment. It runs once, on the calling goroutine, and may make calls of its own.
func (a *Account) Before(action string, skip int, do func()) {
	a.locked(func() { a.hooks = append(a.hooks, &hook{action, skip, do}) })
}

// interfere runs the hooks that an action meets.
func (a *Account) interfere(action string) {
	var due []func()
	a.locked(func() {
		var rest []*hook
		for _, h := range a.hooks {
			switch {
			case h.action != action:
				rest = append(rest, h)
			case h.skip > 0:
				h.skip--
				rest = append(rest, h)
			default:
				due = append(due, h.do)
			}
		}
		a.hooks = rest
	})
	for _, do := range due {
		do()
	}
}
