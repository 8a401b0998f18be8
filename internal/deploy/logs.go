package deploy

import (
	"context"
	"time"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// Logs shows what all nodes of a site logged, merged by time.
type Logs struct {
	Site     *manifest.Manifest
	Stacks   cfn.TreeReader
	Identify func(context.Context) (account.Caller, error)
	API      nodes.Logs
	Since    time.Duration // how far back
	Follow   bool          // go on with new lines until ctx ends

	Line func(nodes.Line)
	Done func(text string)
}

// Run passes on every line.
func (l *Logs) Run(ctx context.Context) error {
	if _, err := l.Identify(ctx); err != nil {
		return err
	}
	root, err := deployedRoot(ctx, l.Stacks, l.Site)
	if err != nil {
		return err
	}
	fleet, err := nodes.Find(ctx, l.Stacks, root.ID)
	if err != nil {
		return err
	}
	if len(fleet.Logs) == 0 {
		return outcome.Errorf(outcome.Failed, "no stack of %s has both nodes and a log group", l.Site.Site)
	}
	since := time.Now().Add(-l.Since)
	if l.Follow {
		return fleet.Follow(ctx, l.API, since, l.Line)
	}
	lines, err := fleet.Read(ctx, l.API, since)
	for _, line := range lines {
		l.Line(line)
	}
	if err == nil && len(lines) == 0 {
		l.Done("the nodes logged nothing in the last " + l.Since.String())
	}
	return err
}
