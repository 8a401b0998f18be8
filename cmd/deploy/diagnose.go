package main

import (
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/deploy/terminal"
)

func diagnoseCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	return deployed(flags, &cobra.Command{
		Use:   "diagnose ENVIRONMENT",
		Short: "Explain the last operation that failed",
		Long: `Explain the last failed operation of a site: its first real cause in the deepest stack, the property at
fault, the results of validations and hooks, the last console output of nodes that did not become ready, and
what to do. It works later, from any machine, and changes nothing.`,
		Example: "  deploy diagnose prod",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := open(cmd.Context(), t, flags, args)
			if err != nil {
				return err
			}
			return (&deploy.Diagnose{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: t.View(),
				LastWords: nodes.Witness{
					Activities: autoscaling.NewFromConfig(session.Config()),
					Console:    nodes.Console{Config: session.Config()}.Output,
				}.LastWords,
			}).Run(cmd.Context())
		},
	})
}
