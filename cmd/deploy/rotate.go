package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/rotation"
	"distributed-moodle/internal/deploy/terminal"
)

func rotateCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "rotate ENVIRONMENT",
		Short: "Change the database password without downtime",
		Long: `Change the password that Moodle uses for the database. No request fails meanwhile.

Two database roles alternate: rotate writes the unused one with a new password into the secret, and the nodes switch to it within two
minutes. The old password stays valid until the next rotation. No password is ever printed.`,
		Example: "  deploy rotate prod",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			session, err := deploy.Open(ctx, flags.out, args[0])
			if err != nil {
				return err
			}
			if _, err := session.Identify(ctx); err != nil {
				return err
			}
			if err := session.Own(ctx); err != nil {
				return err
			}
			outputs, err := (&deploy.Outputs{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}).Run(ctx)
			if err != nil {
				return err
			}
			arn, err := rotation.SecretOf(session.Site.Site, outputs)
			if err != nil {
				return err
			}
			api := secretsmanager.NewFromConfig(session.Config())
			current, err := rotation.Read(ctx, api, arn, time.Now())
			if err != nil {
				return err
			}
			if !yes {
				if err := agreeTo(t, cmd, "Give role "+current.Next+" of "+session.Site.Site+" a new password and have the nodes use it?"); err != nil {
					return err
				}
			}
			if err := current.Write(ctx, api, token()+"rotate"); err != nil {
				return err
			}
			t.View().Done("the database's password is changed\n" + current.After())
			return nil
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return environment(flags, cmd)
}

// agreeTo asks a question that only a yes lets pass.
func agreeTo(t *terminal.Terminal, cmd *cobra.Command, question string) error {
	if err := t.CanAsk("--yes"); err != nil {
		return err
	}
	yes, err := t.Confirm(cmd.Context(), question)
	if err == nil && !yes {
		return outcome.Errorf(outcome.Refused, "not done: you answered no")
	}
	return err
}
