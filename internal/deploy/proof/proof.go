// Package proof asks a deployed site the questions of package verified, and keeps what AWS answered.
//
// It only reads. What it could not read, it calls unknown: nothing is claimed that was not read.
package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/verified"
)

// Result is what an answer shows.
type Result string

// The results, the worst last.
const (
	Shown    Result = "shown"
	Unknown  Result = "unknown"
	NotShown Result = "not shown"
)

// Version is the format of a proof.
const Version = 1

// Proof is what was asked of a site, and answered. Its fields are those of the file.
type Proof struct {
	Version     int       `json:"version"`
	Site        string    `json:"site"`
	Environment string    `json:"environment"`
	Account     string    `json:"account"`
	Region      string    `json:"region"`
	Endpoint    string    `json:"endpoint,omitempty"` // who answered, if it is not AWS
	By          string    `json:"by"`                 // ARN of who asked
	Program     string    `json:"program"`            // its version
	StackID     string    `json:"stackId"`            // of the root
	Updated     time.Time `json:"updated,omitzero"`   // when the root was last updated; zero since its creation
	Began       time.Time `json:"began"`
	Ended       time.Time `json:"ended"`
	Rows        []Row     `json:"rows"`
	ToType      []Command `json:"toType"` // rows that no program shows
}

// Row is one row that was asked.
type Row struct {
	ID       string   `json:"id"`
	Command  string   `json:"command"` // how a person asks the same
	Shown    string   `json:"shown"`   // JMESPath over each answer: true shows it
	Expected string   `json:"expected"`
	Result   Result   `json:"result"`
	Why      string   `json:"why,omitempty"` // why it is unknown
	Failed   bool     `json:"failed,omitempty"`
	Answers  []Answer `json:"answers,omitempty"`
}

// Answer is what AWS said of one resource.
type Answer struct {
	Resource   string    `json:"resource"` // Data/Database
	PhysicalID string    `json:"physicalId"`
	Call       string    `json:"call"`
	Argument   string    `json:"argument"`
	At         time.Time `json:"at"`
	Result     Result    `json:"result"`
	Why        string    `json:"why,omitempty"`
	Answer     any       `json:"answer,omitempty"` // the part that the row keeps
}

// Command is a row for a person.
type Command struct {
	ID       string `json:"id"`
	Needs    string `json:"needs"`
	Changes  bool   `json:"changes"` // it changes something in the account
	Command  string `json:"command"`
	Expected string `json:"expected"`
}

// Count returns how many rows have a result.
func (p *Proof) Count(r Result) int {
	n := 0
	for _, row := range p.Rows {
		if row.Result == r {
			n++
		}
	}
	return n
}

// Failed reports whether some question got no answer, so that it says nothing of the site.
func (p *Proof) Failed() bool {
	for _, row := range p.Rows {
		if row.Failed {
			return true
		}
	}
	return false
}

// Encode returns the text of the file.
func (p *Proof) Encode() ([]byte, error) {
	text, err := json.MarshalIndent(p, "", "  ")
	return append(text, '\n'), err
}

// Asker asks a site's resources.
type Asker struct {
	Calls  Calls
	Tree   []cfn.StackRef    // of the site, with its resources
	Values map[string]string // of {account}, {region} and {site} in arguments
	Now    func() time.Time
}

// Ask puts all questions, several at a time. Its error is about an interrupt alone.
func (a *Asker) Ask(
	ctx context.Context, sections []verified.Section, asking func(verified.Row),
) ([]Row, []Command, error) {
	var toAsk []verified.Row
	var toType []Command
	for _, s := range sections {
		for _, r := range s.Rows {
			if r.Ask != nil {
				toAsk = append(toAsk, r)
				continue
			}
			toType = append(toType, Command{r.ID, r.Needs, r.Changes, r.Command, r.Expect})
		}
	}
	asked := make([]Row, len(toAsk))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cfn.ConcurrentCalls)
	for i, r := range toAsk {
		asking(r)
		group.Go(func() error {
			asked[i] = a.row(groupCtx, r)
			return groupCtx.Err()
		})
	}
	return asked, toType, group.Wait()
}

// row asks each resource of a row's type, and takes the worst result for the row's.
func (a *Asker) row(ctx context.Context, r verified.Row) Row {
	row := Row{ID: r.ID, Command: r.Command, Shown: r.Ask.Shown.String(), Expected: r.Expect}
	for _, stack := range a.Tree {
		for _, resource := range stack.Resources {
			if resource.Type != r.Ask.Each {
				continue
			}
			answer, meant, failed := a.answer(ctx, r.Ask, stack.Path.Resource(resource.LogicalID).String(), resource)
			row.Failed = row.Failed || failed
			if meant {
				row.Answers = append(row.Answers, answer)
			}
		}
	}
	if len(row.Answers) == 0 {
		row.Result, row.Why = Unknown, "the site has no "+r.Ask.Each+" that it is about"
		return row
	}
	row.Result = Shown
	for _, answer := range row.Answers {
		if answer.Result == NotShown || answer.Result == Unknown && row.Result == Shown {
			row.Result, row.Why = answer.Result, answer.Why
		}
	}
	return row
}

// answer asks one resource. It is not meant if the row is about others of its type.
func (a *Asker) answer(
	ctx context.Context, ask *verified.Ask, name string, r cfn.Resource,
) (answer Answer, meant, failed bool) {
	answer = Answer{
		Resource: name, PhysicalID: r.PhysicalID, Call: ask.Call, Argument: a.argument(ask.Argument, r.PhysicalID),
		At: a.Now().UTC().Truncate(time.Second), Result: Unknown,
	}
	document, err := a.Calls.document(ctx, ask, answer.Argument, name, r)
	if err != nil {
		answer.Why = ask.Call + ": " + cfn.Message(err)
		return answer, true, true
	}
	if !ask.Where.Empty() {
		is, err := ask.Where.Search(document)
		if err != nil || is == nil {
			answer.Why = fmt.Sprintf("the answer does not tell if it is about %s (%s)", ask.Where, orNothing(err))
			return answer, true, false
		}
		if is != true {
			return answer, false, false
		}
	}
	shown, err := ask.Shown.Search(document)
	kept, keepErr := ask.Keep.Search(document)
	switch {
	case err != nil || keepErr != nil:
		answer.Why = fmt.Sprintf("the answer has another form: %v", orNothing(err))
		return answer, true, false
	case shown == true:
		answer.Result = Shown
	case shown == false:
		answer.Result = NotShown
	default:
		answer.Why = fmt.Sprintf("the answer has nothing for %s", ask.Shown)
	}
	answer.Answer = kept
	return answer, true, false
}

func orNothing(err error) string {
	if err == nil {
		return "it has no such part"
	}
	return err.Error()
}

// argument puts values into the argument of a call.
func (a *Asker) argument(text, id string) string {
	text = strings.ReplaceAll(text, "{id}", id)
	for name, value := range a.Values {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}
