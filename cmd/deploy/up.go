package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/terminal"
)

func upCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var consent deploy.Consent
	accepts := &choices{}
	cmd := &cobra.Command{
		Use:   "up ENVIRONMENT",
		Short: "Create or update a site",
		Long: `Create a site from out/<environment>/, or update it.

CloudFormation first plans the changes of all stacks. deploy shows the plan, and changes nothing before you
confirm it. A finding of a gate (see deploy explain) stops it, unless you accept the finding by name and
with a reason.

A newer version of the application needs --upgrade: it takes a snapshot of the database, and then lets the
nodes upgrade it.`,
		Example: "  deploy up dev\n  deploy up dev --upgrade\n  deploy up prod --yes-i-mean moodle-prod",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, planner, err := planner(cmd.Context(), t, flags, args[0], accepts)
			if err != nil {
				return err
			}
			planner.Fetch = session.Outside("").Fetch
			return (&deploy.Up{Planner: planner, Databases: session.Databases(), Consent: consent}).Run(cmd.Context())
		},
	}
	agrees(cmd.Flags(), &consent)
	accepts.flag(cmd.Flags())
	return environment(flags, cmd)
}
