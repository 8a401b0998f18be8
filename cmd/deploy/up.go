package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deployment"
	"distributed-moodle/internal/terminal"
)

func up(t *terminal.Terminal, flags *shared) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "up ENVIRONMENT",
		Short: "Create a site, or bring it to what its folder says",
		Long: `Create a site, or bring it to what out/<environment>/ says.

CloudFormation plans the changes of all stacks first; they are shown, and nothing happens before you agree.`,
		Example: "  deploy up dev\n  deploy up prod --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			session, err := deployment.Open(ctx, flags.out, args[0])
			if err != nil {
				return err
			}
			return (&deployment.Up{
				Site: session.Site, Stacks: session.Stacks, Bucket: session.Bucket, Identify: session.Identify,
				View: &terminal.Course{Terminal: t}, Yes: yes, Token: token(),
				Revision: func() string { return deployment.Revision(ctx, filepath.Join(flags.out, args[0])) },
			}).Run(ctx)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return environment(flags, cmd)
}
