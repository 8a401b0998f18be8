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
		Long: `Delete a site's stacks, after showing what goes and what stays behind.

No protection is lifted on the way: a protected site is refused with the steps that lift it. The site's bucket stays.`,
		Example: "  deploy destroy dev\n  deploy destroy dev --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := deploy.Open(cmd.Context(), flags.out, args[0])
			if err != nil {
				return err
			}
			return (&deploy.Destroy{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify,
				View: t.View(), Yes: yes, Token: token(),
			}).Run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask; a production site's name is asked for all the same")
	return environment(flags, cmd)
}
