// Package operation follows an operation on a tree of stacks to its end, cancels it when that is asked for, and says
// why it failed.
package operation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/poll"
)

// Operation is one operation on a site as it is reported to a person.
type Operation struct {
	events.Operation
	What string // up, destroy, … ; a kind of CloudFormation's when this program did not begin it
	Who  string // short name of the caller, or "" when nothing says it
	Note string // the description of its change set, while CloudFormation keeps that
}

// Parse reads who began an operation, from its token.
func Parse(o events.Operation) Operation {
	operation := Operation{Operation: o, What: string(o.Kind())}
	if what, who, ok := ownership.ParseToken(o.Began.Token); ok {
		operation.What, operation.Who = what, who
	} else if strings.HasPrefix(o.Began.Token, "Console-") {
		operation.Who = "the console"
	}
	return operation
}

// Last finds the newest operation of a root stack; false when it has had none. A description of the stack may be ahead
// of its events, or behind.
func Last(ctx context.Context, api interface {
	events.Source
	changeset.Reader
}, root cfn.Stack) (Operation, bool, error) {
	for looks := 0; ; looks++ {
		all, err := events.Operations(ctx, api, root.ID, 1)
		if err != nil {
			return Operation{}, false, err
		}
		begun := len(all) > 0
		if looks >= 4 || root.Running() == (begun && all[0].Running()) || !root.Running() {
			if !begun {
				return Operation{}, false, nil
			}
			last := Parse(all[0])
			last.Note = DescriptionOf(ctx, api, root)
			return last, true, nil
		}
		if err := poll.Sleep(ctx, time.Second); err != nil {
			return Operation{}, false, err
		}
	}
}

// DescriptionOf is the description of the change set that was executed last; a missing one, or a permission that lacks,
// costs only the note.
func DescriptionOf(ctx context.Context, api changeset.Reader, root cfn.Stack) string {
	if root.ChangeSet == "" {
		return ""
	}
	d, err := api.ChangeSet(ctx, root.ChangeSet, false)
	if err != nil {
		return ""
	}
	return aws.ToString(d.Description)
}

// Summary tells an operation in a line: what, by whom, how it ended, when, how long it took.
func (o Operation) Summary(now time.Time) string {
	text := o.What
	if o.Who != "" {
		text += " by " + o.Who
	}
	took := o.Took(now).Round(time.Second)
	if o.Running() {
		return fmt.Sprintf("%s, running for %v (%s)", text, took, o.Last.Status)
	}
	text = fmt.Sprintf(
		"%s ended %s at %s, after %v", text, o.Last.Status, o.Last.Time.UTC().Format("2006-01-02 15:04:05 UTC"), took,
	)
	if o.Note != "" {
		text += "\n  " + o.Note
	}
	return text
}
