package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/terminal"
)

// deployed takes the argument of a command that deploys nothing: an environment, or else the name and the region of a
// site that is deployed.
func deployed(flags *shared, cmd *cobra.Command) *cobra.Command {
	environment(flags, cmd)
	one := cmd.Args
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		switch {
		case flags.site == "" && flags.region == "":
			return one(cmd, args)
		case len(args) > 0:
			return outcome.Errorf(outcome.Failed, "--site and --region are given together with the environment %s", args[0]).
				Advise("give either the environment or both flags")
		case flags.site == "" || flags.region == "":
			return outcome.Errorf(outcome.Failed, "--site and --region belong together").
				Advise("for example: deploy %s --site my-site --region eu-central-1", cmd.Name())
		}
		return nil
	}
	cmd.Flags().StringVar(&flags.site, "site", "", "name of the deployed site, without a generated folder (with --region)")
	cmd.Flags().StringVar(&flags.region, "region", "", "region of the deployed site (with --site)")
	return cmd
}

// open opens the deployed site that the arguments of [deployed] name. It says on standard error what is wrong with the
// folder: that stops deployments, not looking and rescuing.
func open(ctx context.Context, t *terminal.Terminal, flags *shared, args []string) (*deploy.Session, error) {
	if flags.site != "" {
		return deploy.OpenNamed(ctx, flags.site, flags.region)
	}
	session, doubt, err := deploy.OpenDeployed(ctx, flags.out, args[0])
	if doubt != nil {
		fmt.Fprintf(t.Err, "%v: only site, region and account are taken from there\n", doubt)
	}
	return session, err
}
