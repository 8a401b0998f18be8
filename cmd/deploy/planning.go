package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/pflag"

	"distributed-moodle/internal/deployment"
	"distributed-moodle/internal/gate"
	"distributed-moodle/internal/outcome"
	"distributed-moodle/internal/terminal"
)

// acceptances collects --accept flags.
type acceptances struct{ all []string }

func (a *acceptances) flag(flags *pflag.FlagSet) {
	flags.StringArrayVar(&a.all, "accept", nil, `pass one finding, with the reason: --accept data-loss/Database="moved to a snapshot"`)
}

func (a *acceptances) parsed() ([]gate.Acceptance, error) {
	var all []gate.Acceptance
	for _, text := range a.all {
		one, err := gate.ParseAcceptance(text)
		if err != nil {
			return nil, outcome.Errorf(outcome.Refused, "%w", err).Advise("see deploy explain for what gates are about")
		}
		all = append(all, one)
	}
	return all, nil
}

// planner makes what plans an environment's deployment.
func planner(ctx context.Context, t *terminal.Terminal, flags *shared, environment string, accepts *acceptances) (deployment.Planner, error) {
	accepted, err := accepts.parsed()
	if err != nil {
		return deployment.Planner{}, err
	}
	session, err := deployment.Open(ctx, flags.out, environment)
	if err != nil {
		return deployment.Planner{}, err
	}
	return deployment.Planner{
		Site: session.Site, Stacks: session.Stacks, Bucket: session.Bucket, Identify: session.Identify,
		View: t.View(), Token: token(), Accepted: accepted, Observe: session.Observe(),
		Revision: func() string { return deployment.Revision(ctx, filepath.Join(flags.out, environment)) },
	}, nil
}
