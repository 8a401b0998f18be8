package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/pflag"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/terminal"
)

// acceptances collects --accept flags.
type acceptances struct{ all []string }

func (a *acceptances) flag(flags *pflag.FlagSet) {
	flags.StringArrayVar(
		&a.all, "accept", nil, `accept one finding, with the reason: --accept data-loss/Database="moved to a snapshot"`,
	)
}

func (a *acceptances) parsed() ([]gate.Acceptance, error) {
	var all []gate.Acceptance
	for _, text := range a.all {
		one, err := gate.ParseAcceptance(text)
		if err != nil {
			return nil, outcome.Errorf(outcome.Refused, "%w", err).Advise("list the gates with: deploy explain")
		}
		all = append(all, one)
	}
	return all, nil
}

// choices are the flags of a command that plans.
type choices struct {
	acceptances
	fallback fallback
	upgrade  bool
}

func (c *choices) flag(flags *pflag.FlagSet) {
	c.acceptances.flag(flags)
	upgrades(flags, &c.upgrade)
	c.fallback = fallback(deploy.FallbackAsk)
	flags.Var(
		&c.fallback, "fallback",
		"if CloudFormation can't plan nested stacks, compare their templates instead: never, ask or always",
	)
}

// upgrades adds the flag that lets nodes upgrade the database.
func upgrades(flags *pflag.FlagSet, upgrade *bool) {
	flags.BoolVar(
		upgrade, "upgrade", false,
		"let nodes upgrade the database to a newer version of the application, after a snapshot of it",
	)
}

// agrees adds the flags with which somebody agrees beforehand.
func agrees(flags *pflag.FlagSet, consent *deploy.Consent) {
	flags.BoolVar(&consent.Yes, "yes", false, "do not ask for confirmation; a production site needs --yes-i-mean")
	flags.StringVar(
		&consent.Meant, "yes-i-mean", "", "do not ask for confirmation for the site of this name, production or not",
	)
}

// fallback is the value of --fallback.
type fallback deploy.Fallback

func (f *fallback) String() string { return string(*f) }

// Type is what the help calls the value.
func (f *fallback) Type() string { return "WHEN" }

// Set takes one of the three words.
func (f *fallback) Set(text string) error {
	switch deploy.Fallback(text) {
	case deploy.FallbackNever, deploy.FallbackAsk, deploy.FallbackAlways:
		*f = fallback(text)
		return nil
	}
	return fmt.Errorf("use never, ask or always")
}

// planner opens an environment and returns what plans an environment's deployment.
func planner(
	ctx context.Context, t *terminal.Terminal, flags *shared, environment string, flagged *choices,
) (*deploy.Session, deploy.Planner, error) {
	accepted, err := flagged.parsed()
	if err != nil {
		return nil, deploy.Planner{}, err
	}
	session, err := deploy.Open(ctx, flags.out, environment)
	if err != nil {
		return nil, deploy.Planner{}, err
	}
	reviewed, err := session.Reviewed()
	if err != nil {
		return nil, deploy.Planner{}, err
	}
	return session, deploy.Planner{
		Target: session.Target(t.View(), token()), Accepted: accepted, Reviewed: reviewed, Observe: session.Observe(),
		Fallback: deploy.Fallback(flagged.fallback), Upgrade: flagged.upgrade,
		Revision: func() string { return deploy.Revision(ctx, filepath.Join(flags.out, environment)) },
	}, nil
}
