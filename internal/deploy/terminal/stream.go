package terminal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/inventory"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/diagnosis"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/recovery"
	"distributed-moodle/internal/manifest"
)

// View is everything that a command which runs on can show.
type View interface {
	deploy.UpView
	deploy.DestroyView
	recovery.View
}

// View is how this process shows what it does: to a person, or as a stream of events when that was asked for.
func (t *Terminal) View() View {
	if t.Streams {
		return &Stream{Terminal: t}
	}
	return &Progress{Terminal: t, Typical: t.Typical}
}

// Stream writes what a command does as JSON, one event a line, to standard output. docs/json.md is its contract.
// Questions are asked on the terminal all the same, where there is one.
type Stream struct {
	*Terminal
	lock sync.Mutex
}

// head is what every event begins with.
type head struct {
	Version int       `json:"version"`
	Event   string    `json:"event"`
	At      time.Time `json:"at"` // when it was written, UTC
}

// write writes an event: its head, then the fields of body.
func (s *Stream) write(event string, body any) { s.writeAt(event, body, time.Now()) }

func (s *Stream) writeAt(event string, body any, at time.Time) {
	begin, err := json.Marshal(head{StreamVersion, event, at.UTC()})
	if err != nil {
		panic(err) // a struct of a number, a text and a time
	}
	rest := []byte("{}")
	if body != nil {
		if rest, err = json.Marshal(body); err != nil {
			rest, _ = json.Marshal(map[string]string{"error": err.Error()})
		}
	}
	line := strings.TrimSuffix(string(begin), "}")
	if string(rest) != "{}" {
		line += "," + string(rest[1:len(rest)-1])
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	fmt.Fprintln(s.Out, line+"}")
}

type textBody struct {
	Text string `json:"text"`
}

// Step says what is being done now.
func (s *Stream) Step(text string) { s.write("step", textBody{text}) }

// Note says what somebody should know that is not a failure.
func (s *Stream) Note(text string) { s.write("note", textBody{text}) }

// Done says that the command has done what it was asked for.
func (s *Stream) Done(text string) { s.write("done", textBody{text}) }

// NoChanges says that there is nothing to do.
func (s *Stream) NoChanges(m *manifest.Manifest) {
	s.write("noChanges", noChangesBody{m.Site})
}

type noChangesBody struct {
	Site string `json:"site"`
}

// Plan writes the plan as deploy plan --json does.
func (s *Stream) Plan(p *plan.Plan, _ account.Caller) {
	s.write("plan", planBody{p})
}

type planBody struct {
	Plan *plan.Plan `json:"plan"`
}

// resourceBody is an event of CloudFormation's.
type resourceBody struct {
	Stack      []string      `json:"stack"` // logical ids from the root; empty for the root
	LogicalID  string        `json:"logicalId"`
	PhysicalID string        `json:"physicalId,omitempty"`
	Type       string        `json:"type"`
	Status     status.Status `json:"status"`
	Reason     string        `json:"reason,omitempty"`
	Time       time.Time     `json:"time"` // CloudFormation's
}

func bodyOf(e events.Event) resourceBody {
	return resourceBody{
		append([]string{}, e.Path...),
		e.LogicalID,
		e.PhysicalID,
		e.Type,
		e.Status,
		e.Reason,
		e.Time.UTC(),
	}
}

// Event writes an event of CloudFormation: "stack" when it is about a whole stack, "resource" otherwise.
func (s *Stream) Event(e events.Event) {
	kind := "resource"
	if e.OfStack() {
		kind = "stack"
	}
	s.write(kind, bodyOf(e))
}

type failureBody struct {
	Cause    *resourceBody  `json:"cause,omitempty"` // missing when no event tells
	Code     diagnosis.Code `json:"code,omitempty"`
	Property string         `json:"property,omitempty"`
	Meaning  string         `json:"meaning,omitempty"`
	Advice   string         `json:"advice,omitempty"`
	Note     string         `json:"note,omitempty"`
	Details  []detailBody   `json:"details,omitempty"`
	Left     []resourceBody `json:"notDeleted,omitempty"`
}

type detailBody struct {
	LogicalID string            `json:"logicalId,omitempty"`
	Kind      events.DetailKind `json:"kind"`
	Name      string            `json:"name,omitempty"`
	Path      string            `json:"path,omitempty"`
	Reason    string            `json:"reason,omitempty"`
}

// Failed writes the first cause of a failure.
func (s *Stream) Failed(f operation.Failure) { s.write("failure", failureOf(f)) }

func failureOf(f operation.Failure) failureBody {
	body := failureBody{Code: f.Code, Property: f.Property, Meaning: f.Meaning, Advice: f.Advice, Note: f.Note}
	if f.Cause.ID != "" {
		cause := bodyOf(f.Cause)
		body.Cause = &cause
	}
	for _, d := range f.Details {
		body.Details = append(body.Details, detailBody(d))
	}
	for _, e := range f.FailedDeletions {
		body.Left = append(body.Left, bodyOf(e))
	}
	return body
}

// Outputs writes the outputs of all stacks, as deploy outputs --json does.
func (s *Stream) Outputs(stacks []cfn.StackOutputs) {
	s.write("outputs", outputsBody{outputsByStack(stacks)})
}

type outputsBody struct {
	Outputs map[string]map[string]output `json:"outputs"`
}

type resourceToDeleteBody struct {
	Name         string                 `json:"name"` // Data/Database
	PhysicalID   string                 `json:"physicalId"`
	Type         string                 `json:"type"`
	PolicyAction changeset.PolicyAction `json:"policyAction"`
	Stateful     bool                   `json:"stateful"`
}

type inventoryBody struct {
	Site      string                 `json:"site"`
	Stacks    int                    `json:"stacks"`
	Resources []resourceToDeleteBody `json:"resources"`
}

// Inventory writes what a deletion would delete and retain.
func (s *Stream) Inventory(i *inventory.Inventory) {
	body := inventoryBody{i.Site, i.Stacks, []resourceToDeleteBody{}}
	for _, h := range slices.Concat(i.Holdings, i.LogGroups) {
		name := h.Path.Resource(h.LogicalID).String()
		body.Resources = append(
			body.Resources, resourceToDeleteBody{name, h.PhysicalID, h.Type, h.PolicyAction, h.Stateful},
		)
	}
	s.write("inventory", body)
}

type recoveryBody struct {
	Site      string           `json:"site"`
	Status    status.Status    `json:"status,omitempty"` // missing when there is no stack
	Meaning   string           `json:"meaning"`
	Action    condition.Action `json:"action"`
	Steps     []string         `json:"steps,omitempty"`
	Next      string           `json:"next,omitempty"`
	BlockedBy []blockerBody    `json:"blockedBy,omitempty"`
	Foreign   []string         `json:"foreignChangeSets,omitempty"`
	Leftovers []leftoverBody   `json:"leftovers,omitempty"`
}

type blockerBody struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Reason  string `json:"reason,omitempty"`
	Skipped bool   `json:"skipped"`
}

type leftoverBody struct {
	Name          string `json:"name"`
	Type          string `json:"type"`
	PhysicalID    string `json:"physicalId"`
	StackID       string `json:"stackId"`              // of the root whose creation failed
	InStack       bool   `json:"inStack"`              // a stack still holds it
	FinalSnapshot bool   `json:"finalSnapshot"`        // it is a snapshot that the deletion will take
	WhyKept       string `json:"whyKept,omitempty"`    // why it is never deleted
	WhyUnknown    string `json:"whyUnknown,omitempty"` // why nobody can say if it still exists
}

// Remedy writes what recover found and what it will do.
func (s *Stream) Remedy(site string, w *recovery.Remedy) {
	body := recoveryBody{
		Site: site, Status: w.Status, Meaning: w.Meaning, Action: w.Action, Steps: w.Steps, Next: w.Next,
		Foreign: w.ForeignChangeSets,
	}
	for _, b := range w.BlockedBy {
		body.BlockedBy = append(body.BlockedBy, blockerBody{b.Name, b.Type, b.Reason, b.Skipped})
	}
	for _, l := range w.Leftovers {
		body.Leftovers = append(body.Leftovers, leftoverBody{
			l.Name, l.Type, l.PhysicalID, l.StackID, l.Held, l.FinalSnapshot, l.WhyKept, l.WhyUnknown,
		})
	}
	s.write("recovery", body)
}

// Stop has nothing to do: a line that is written stays.
func (s *Stream) Stop() {}

// End writes the last event of a stream, by the error that the command ended with; it does nothing where no stream was
// asked for.
func (t *Terminal) End(err error) {
	if !t.Streams {
		return
	}
	body := endBody{ExitCode: outcome.CodeOf(err), Advice: outcome.AdviceOf(err)}
	if err != nil {
		body.Error = err.Error()
	}
	(&Stream{Terminal: t}).write("end", body)
}

type endBody struct {
	ExitCode outcome.Code `json:"exitCode"`
	Error    string       `json:"error,omitempty"`
	Advice   string       `json:"advice,omitempty"`
}
