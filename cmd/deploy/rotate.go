package main

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/terminal"
)

func rotateCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "rotate ENVIRONMENT",
		Short: "Change the database password without downtime",
		Long: `Change the password that the nodes use for the database. No request fails meanwhile.

Two database roles alternate: rotate writes the unused one with a new password into the secret, and the
nodes switch to it within two minutes. The old password stays valid until the next rotation. No password is
ever printed.`,
		Example: "  deploy rotate prod",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := open(cmd.Context(), t, flags, args)
			if err != nil {
				return err
			}
			return (&deploy.Rotate{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify,
				Secrets: secretsmanager.NewFromConfig(session.Config()), View: t.View(), Yes: yes,
				Token: token() + "rotate",
			}).Run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return deployed(flags, cmd)
}
