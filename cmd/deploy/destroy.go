package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/terminal"
)

func destroyCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "destroy ENVIRONMENT",
		Short: "Delete a site's stacks",
		Long: `Delete a site's stacks, after showing what is deleted and what stays in the account.

It never removes a protection: for a protected site it stops, and shows the steps that remove the
protection. The site's bucket stays.`,
		Example: "  deploy destroy dev\n  deploy destroy dev --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := open(cmd.Context(), t, flags, args)
			if err != nil {
				return err
			}
			return (&deploy.Destroy{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify,
				View: t.View(), Yes: yes, Token: token(),
			}).Run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(
		&yes, "yes", false, "do not ask for confirmation; a production site's name must be typed in any case",
	)
	return deployed(flags, cmd)
}
