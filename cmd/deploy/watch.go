package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/terminal"
)

func watchCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "watch ENVIRONMENT",
		Short: "Follow an operation that runs, from any machine",
		Long: `Follow the operation that runs on a site, whoever began it and from wherever, to its end.

It ends with the exit code that the command which began it would have ended with. When nothing runs it says how the last operation
ended, and that is no error. It can be left at any time: the operation does not notice.`,
		Example: "  deploy watch dev\n  deploy watch prod --json | jq -r 'select(.event == \"resource\") | .status'",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := deploy.Open(cmd.Context(), flags.out, args[0])
			if err != nil {
				return err
			}
			return (&deploy.Watch{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: t.View(),
			}).Run(cmd.Context())
		},
	}
	return environment(flags, cmd)
}
