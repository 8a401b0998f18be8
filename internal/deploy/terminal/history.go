package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy"
)

// History prints what has been done to a site, the newest first: a line an operation, and its change set's description
// below.
func (t *Terminal) History(p *deploy.Past, environment string, now time.Time) {
	deployed := ""
	if !p.Deployed {
		deployed = ", not deployed"
	}
	fmt.Fprintf(t.Out, "%s in account %s, %s%s\n\n", p.Site, p.Account, p.Region, deployed)
	who, what := len("who"), len("what")
	for _, o := range p.Operations {
		who, what = max(who, len(o.Who)), max(what, len(o.What))
	}
	row := func(number, began, did, by, took, ended string) {
		fmt.Fprintf(
			t.Out, "  %3s  %s  %s  %s  %s  %s\n", number, pad(began, len(minute)), pad(did, what), pad(by, who),
			pad(took, 10), ended,
		)
	}
	row("#", "began", "what", "who", "took", "how it ended")
	for i, o := range p.Operations {
		ended := fmt.Sprintf("%s (%s)", o.Result(), o.Last.Status)
		row(
			fmt.Sprint(i+1), o.Began.Time.UTC().Format(minute), o.What, o.Who, o.Took(now).Round(time.Second).String(),
			ended,
		)
		below := []string{o.Note}
		if o.Result() == events.Failed {
			below = append(below, o.Last.Reason)
		}
		for _, text := range below {
			if text != "" {
				fmt.Fprintf(t.Out, "       %s\n", strings.ReplaceAll(text, "\n", "\n       "))
			}
		}
	}
	if len(p.Operations) == 0 {
		fmt.Fprintf(t.Out, "       nothing was done\n")
	}
	t.footnote(p, environment)
}

// footnote says what the list can't know, and what more there is.
func (t *Terminal) footnote(p *deploy.Past, environment string) {
	fmt.Fprintln(t.Err)
	if p.More {
		fmt.Fprintln(t.Err, t.Paint.dim("there are older ones: --last shows more of them"))
	}
	if p.Unreadable != "" {
		fmt.Fprintln(t.Err, p.Unreadable)
	}
	fmt.Fprintln(t.Err, t.Paint.dim("from CloudFormation's events, which it keeps for 90 days"))
	if len(p.Operations) > 0 {
		fmt.Fprintln(
			t.Err,
			t.Paint.dim(
				fmt.Sprintf("one of them as a timeline: deploy history %s --html FILE --operation 1", environment),
			),
		)
	}
}

// pastJSON is one operation as deploy history --json writes it, one a line, the newest first.
type pastJSON struct {
	Version int    `json:"version"`
	Site    string `json:"site"`
	Number  int    `json:"number"` // 1 is the newest; what --operation takes
	operationJSON
	Result events.Result `json:"result"`           // done, running, rolling back, rolled back or failed
	Failed status.Status `json:"failed,omitempty"` // the first status of the root stack that said that it goes wrong
	Reason string        `json:"reason,omitempty"` // what the root stack said with its last status
	Token  string        `json:"token,omitempty"`  // the operation's client request token
}

// WriteHistoryJSON writes one JSON object a line, one an operation, the newest first. Besides the fields of
// lastOperation in deploy status --json each has the version of the format, the site, its number (what --operation
// takes), its result in a word, the first status that said that it goes wrong, the reason of the last one, and its
// client request token.
func WriteHistoryJSON(w io.Writer, p *deploy.Past, now time.Time) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i, o := range p.Operations {
		line := pastJSON{
			StreamVersion,
			p.Site,
			i + 1,
			operationAsJSON(o, now),
			o.Result(),
			o.Failed,
			o.Last.Reason,
			o.Began.Token,
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
