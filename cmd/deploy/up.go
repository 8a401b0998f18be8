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
		Short: "Create a site, or bring it to what its folder says",
		Long: `Create a site, or bring it to what out/<environment>/ says.

CloudFormation plans the changes of all stacks first; they are shown, and nothing happens before you agree. What gates find (deploy explain)
stops it, unless it is accepted by name and with a reason.

A newer Moodle needs --upgrade: the nodes may then upgrade the database, of which a snapshot is taken first.`,
		Example: "  deploy up dev\n  deploy up dev --upgrade\n  deploy up prod --yes-i-mean moodle-prod",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, planner, err := planner(cmd.Context(), t, flags, args[0], accepts)
			if err != nil {
				return err
			}
			planner.Fetch = fetching(planner.Site.Manifest)
			return (&deploy.Up{Planner: planner, Databases: session.Databases(), Consent: consent}).Run(cmd.Context())
		},
	}
	agrees(cmd.Flags(), &consent)
	accepts.flag(cmd.Flags())
	return environment(flags, cmd)
}
