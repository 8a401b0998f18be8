package deploy

import (
	"context"
	"fmt"
	"strconv"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/nodes"
)

// LogRetention sets for how many days a log group is kept that a service makes, not a stack.
type LogRetention interface {
	Kept(ctx context.Context, group string) (nodes.Kept, error)
	Keep(ctx context.Context, group string, now nodes.Kept, days int) error
}

// serviceLog is the log group that a service makes itself, by the root's outputs. Without a retention it is kept for
// ever.
type serviceLog struct {
	group string // "" if there is none
	days  string // for which it is to be kept
	now   nodes.Kept
	err   error // why it can't be read
}

// serviceLogOf reads which log group the root's outputs name, and for how long it is kept. An error is for
// [Target.retain] to report: what happens to a log never stops a deployment.
func (t *Target) serviceLogOf(ctx context.Context, root cfn.Stack) serviceLog {
	log := t.serviceLogIn(root)
	if log.group != "" {
		log.now, log.err = t.Logs.Kept(ctx, log.group)
	}
	return log
}

func (t *Target) serviceLogIn(root cfn.Stack) (log serviceLog) {
	keys := t.Site.Application.OrDefaults().Outputs
	for _, o := range root.Outputs {
		switch o.Key {
		case "":
		case keys.LogGroup:
			log.group = o.Value
		case keys.LogDays:
			log.days = o.Value
		}
	}
	return log
}

// serviceLogAfter is [Target.serviceLogOf] after a deployment. It asks only about a group that is not known from
// before: nobody has set the retention of a group whose site is new.
func (t *Target) serviceLogAfter(ctx context.Context, draft *draft, root cfn.Stack) serviceLog {
	log := t.serviceLogIn(root)
	switch {
	case draft.Create:
		return log
	case draft.log.group == log.group:
		log.now, log.err = draft.log.now, draft.log.err
		return log
	}
	return t.serviceLogOf(ctx, root)
}

// retain sets the retention of a log group if it is another one, and reports what it did. Where it can't, the site is
// deployed all the same.
func (t *Target) retain(ctx context.Context, log serviceLog) {
	if log.group == "" {
		return
	}
	err := log.err
	if err == nil {
		err = t.keep(ctx, log)
	}
	if err != nil {
		command := fmt.Sprintf(
			"aws logs put-retention-policy --region %s --log-group-name %s --retention-in-days %s", t.Site.Region,
			log.group, log.days,
		)
		t.View.Note(fmt.Sprintf(
			"the log group %s may be kept for ever: %v\n  run deploy up %s again with the permission, or: %s",
			log.group, err,
			t.Site.Environment, command,
		))
	}
}

func (t *Target) keep(ctx context.Context, log serviceLog) error {
	days, err := strconv.Atoi(log.days)
	if err != nil {
		return fmt.Errorf("read the output with its days: %w", err)
	}
	if log.now.Days == days {
		return nil
	}
	text := fmt.Sprintf("keeping the log group %s for %d days", log.group, days)
	if log.now.Exists {
		text += "; it was kept " + log.now.String()
	}
	t.View.Step(text)
	return t.Logs.Keep(ctx, log.group, log.now, days)
}
