package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deployment"
	"distributed-moodle/internal/terminal"
)

func diagnose(t *terminal.Terminal, flags *shared) *cobra.Command {
	return environment(flags, &cobra.Command{
		Use:   "diagnose ENVIRONMENT",
		Short: "Explain the last operation that failed",
		Long: `Explain the last operation of a site that failed: its first real cause in the deepest stack, the property at fault, what validations
and hooks say about it, and what to do. It works afterwards and from any machine, and changes nothing.`,
		Example: "  deploy diagnose prod",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := deployment.Open(cmd.Context(), flags.out, args[0])
			if err != nil {
				return err
			}
			return (&deployment.Diagnose{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: t.View(),
			}).Run(cmd.Context())
		},
	})
}
