package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/printable"
)

// Status prints the status of a site.
func (t *Terminal) Status(s *deploy.SiteStatus, now time.Time) {
	fmt.Fprintf(t.Out, "%s in account %s, %s\n\n", s.Site, s.Account, s.Region)
	for _, stack := range s.Stacks {
		name, indent := s.Site, ""
		if n := len(stack.Path); n > 0 {
			name, indent = stack.Path[n-1], strings.Repeat("  ", n)
		}
		line := "  " + pad(
			indent+name, 24,
		) + "  " + pad(
			string(stack.Status), 30,
		) + "  since " + stack.Since().
			Format(minute)
		switch stack.Drift.Status {
		case types.StackDriftStatusDrifted, types.StackDriftStatusInSync:
			line += fmt.Sprintf(
				"  %s (looked at %s)", strings.ToLower(strings.ReplaceAll(string(stack.Drift.Status), "_", " ")),
				stack.Drift.Checked.UTC().Format(minute),
			)
		}
		fmt.Fprintln(t.Out, line)
	}
	fmt.Fprintln(t.Out)
	t.fact("last operation", "none")(s.Last != nil, func() string { return s.Last.Summary(now) })
	t.fact(
		"protection", "off: the site can be deleted",
	)(
		s.Protected, func() string { return "termination protection is on" },
	)
	t.fact("address", "no output gives one")(s.Address != "", func() string { return s.Address })
	if len(s.Pending) == 0 {
		fmt.Fprintf(t.Out, "  %s  none\n", pad("pending plans", 14))
	}
	for _, p := range s.Pending {
		whose := "somebody else's"
		if p.Ours {
			whose = "of deploy"
		}
		fmt.Fprintf(
			t.Out, "  %s  %s, %s, %s, made %s\n", pad("pending plan", 14), printable.Line(p.Name), whose,
			p.ExecutionStatus,
			p.Created.UTC().Format(minute),
		)
		if p.Description != "" {
			fmt.Fprintf(t.Out, "  %s  %s\n", pad("", 14), printable.Line(p.Description))
		}
	}
	if s.Advice != "" {
		fmt.Fprintf(t.Out, "  %s  %s\n", pad("to do", 14), s.Advice)
	}
}

const minute = "2006-01-02 15:04 UTC"

// fact prints one line with a value, or with a text for none.
func (t *Terminal) fact(name, none string) func(bool, func() string) {
	return func(known bool, value func() string) {
		text := none
		if known {
			text = value()
		}
		fmt.Fprintf(t.Out, "  %s  %s\n", pad(name, 14), strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", 16)))
	}
}

type statusJSON struct {
	Version   int             `json:"version"`
	Site      string          `json:"site"`
	Account   string          `json:"account"`
	Region    string          `json:"region"`
	Stacks    []stackJSON     `json:"stacks"`
	Last      *operationJSON  `json:"lastOperation,omitempty"`
	Pending   []changeSetJSON `json:"pendingChangeSets"`
	Protected bool            `json:"terminationProtection"`
	Address   string          `json:"address,omitempty"`
	Advice    string          `json:"advice,omitempty"`
}

type stackJSON struct {
	Path         []string               `json:"path"`
	Name         string                 `json:"name"`
	ID           string                 `json:"id"`
	Status       status.Status          `json:"status"`
	Since        time.Time              `json:"since"`
	Drift        types.StackDriftStatus `json:"driftStatus,omitempty"`
	DriftChecked *time.Time             `json:"driftChecked,omitempty"`
}

type operationJSON struct {
	What   string        `json:"what"`
	Kind   events.Kind   `json:"kind"`
	Who    string        `json:"who,omitempty"`
	Note   string        `json:"note,omitempty"`
	Began  time.Time     `json:"began"`
	Ended  *time.Time    `json:"ended,omitempty"`
	Took   float64       `json:"seconds"`
	Status status.Status `json:"status"`
}

type changeSetJSON struct {
	Name        string                `json:"name"`
	ID          string                `json:"id"`
	Description string                `json:"description,omitempty"`
	Status      types.ExecutionStatus `json:"executionStatus"`
	Created     time.Time             `json:"created"`
	Ours        bool                  `json:"createdByDeploy"`
}

func operationAsJSON(o operation.Operation, now time.Time) operationJSON {
	answer := operationJSON{
		What:   o.What,
		Kind:   o.Kind(),
		Who:    o.Who,
		Note:   o.Note,
		Began:  o.Began.Time,
		Took:   o.Took(now).Seconds(),
		Status: o.Last.Status,
	}
	if !o.Running() {
		answer.Ended = &o.Last.Time
	}
	return answer
}

// WriteStatusJSON writes the status of a site as one object.
func WriteStatusJSON(w io.Writer, s *deploy.SiteStatus, now time.Time) error {
	all := statusJSON{
		Version: StreamVersion, Site: s.Site, Account: s.Account, Region: s.Region, Protected: s.Protected,
		Address: s.Address, Advice: s.Advice,
		Stacks: []stackJSON{}, Pending: []changeSetJSON{},
	}
	for _, stack := range s.Stacks {
		answer := stackJSON{
			Path:   append([]string{}, stack.Path...),
			Name:   stack.Name,
			ID:     stack.ID,
			Status: stack.Status,
			Since:  stack.Since(),
			Drift:  stack.Drift.Status,
		}
		if !stack.Drift.Checked.IsZero() {
			answer.DriftChecked = &stack.Drift.Checked
		}
		all.Stacks = append(all.Stacks, answer)
	}
	if s.Last != nil {
		last := operationAsJSON(*s.Last, now)
		all.Last = &last
	}
	for _, p := range s.Pending {
		all.Pending = append(
			all.Pending, changeSetJSON{p.Name, p.ID, p.Description, p.ExecutionStatus, p.Created, p.Ours},
		)
	}
	return writeJSON(w, all)
}

// StreamVersion is the version of the JSON that commands write. It grows when a field goes or changes its meaning; new
// fields and new events come without.
const StreamVersion = 1

func writeJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}
