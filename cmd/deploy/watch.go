package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/terminal"
)

func watchCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "watch ENVIRONMENT",
		Short: "Follow the running operation, from any machine",
		Long: `Follow the operation that runs on a site to its end, no matter who started it, and from which machine.

The exit code is that of the command that started the operation. If nothing runs, it says how the last
operation ended, with exit code 0. Stopping it does not affect the operation.`,
		Example: "  deploy watch dev\n  deploy watch prod --json | jq -r 'select(.event == \"resource\") | .status'",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := open(cmd.Context(), t, flags, args)
			if err != nil {
				return err
			}
			return (&deploy.Watch{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: t.View(),
			}).Run(cmd.Context())
		},
	}
	return deployed(flags, cmd)
}
