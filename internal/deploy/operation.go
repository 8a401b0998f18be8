package deploy

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
)

// Operation is one operation on a site as it is told to a person.
type Operation struct {
	events.Operation
	What string // up, destroy, … ; a kind of CloudFormation's when this program did not begin it
	Who  string // short name of the caller, or "" when nothing says it
	Note string // the description of its change set, while CloudFormation keeps that
}

var notInToken = regexp.MustCompile(`[^A-Za-z0-9]+`)

// operationToken is the client request token of an operation. CloudFormation writes it on each of its events and keeps those for
// 90 days, so it carries what is done and by whom: history needs no memory of its own.
func operationToken(what, who, random string) string {
	who = strings.Trim(notInToken.ReplaceAllString(who, "-"), "-")
	return fmt.Sprintf("%s%s-%s-%s", prefix, what, who[:min(len(who), 64)], random)
}

var token = regexp.MustCompile(`^` + prefix + `([a-z]+)-(.*)-[a-z0-9]+$`)

// ParseOperation reads who began an operation, from its token.
func ParseOperation(o events.Operation) Operation {
	told := Operation{Operation: o, What: string(o.Kind())}
	if m := token.FindStringSubmatch(o.Began.Token); m != nil {
		told.What, told.Who = m[1], m[2]
	} else if strings.HasPrefix(o.Began.Token, "Console-") {
		told.Who = "the console"
	}
	return told
}

// lastOperation finds the newest operation of a root stack; false when it has had none. A description of the stack may be ahead of its
// events, or behind.
func lastOperation(ctx context.Context, api interface {
	events.Source
	ChangeSets
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
			last := ParseOperation(all[0])
			last.Note = noteOf(ctx, api, root)
			return last, true, nil
		}
		select {
		case <-ctx.Done():
			return Operation{}, false, context.Cause(ctx)
		case <-time.After(time.Second):
		}
	}
}

// noteOf is the description of the change set that was executed last; a missing one, or a permission that lacks, costs only the
// note.
func noteOf(ctx context.Context, api ChangeSets, root cfn.Stack) string {
	if root.ChangeSet == "" {
		return ""
	}
	d, err := api.ChangeSet(ctx, root.ChangeSet, false)
	if err != nil {
		return ""
	}
	return aws.ToString(d.Description)
}
