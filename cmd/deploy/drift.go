package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/drift"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/terminal"
)

func driftCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "drift ENVIRONMENT",
		Short: "Find what was changed by hand, outside CloudFormation",
		Long: `Find what was changed by hand, outside CloudFormation (drift), in every stack of the site, property by property.

It also lists what CloudFormation cannot check. The exit code is 2 if anything differs. It changes nothing.`,
		Example: "  deploy drift prod\n  deploy drift prod --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			session, err := deploy.Open(ctx, flags.out, args[0])
			if err != nil {
				return err
			}
			if _, err := session.Identify(ctx); err != nil {
				return err
			}
			root, err := session.Stacks.Stack(ctx, session.Site.Site)
			if cfn.IsNotFound(err) {
				return outcome.Errorf(outcome.Failed, "%s is not deployed in %s", session.Site.Site, session.Site.Region).Advise("create it with: deploy up %s", args[0])
			}
			if err != nil {
				return err
			}
			t.Step("CloudFormation checks each stack for drift; that takes some minutes")
			report, err := drift.Look(ctx, session.Stacks, session.Site.Site, root.ID)
			if err != nil {
				return err
			}
			if err := printDrift(t, report, asJSON); err != nil {
				return err
			}
			if len(report.Drifted) > 0 {
				return outcome.Errorf(outcome.ChangesWaiting, "%d of %d resources differ from their template", len(report.Drifted), report.Resources).
					Advise("change them back, or put them into the environment file; a deployment may undo them, or fail because of them")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object (docs/json.md)")
	return environment(flags, cmd)
}

func printDrift(t *terminal.Terminal, r *drift.Report, asJSON bool) error {
	if asJSON {
		return terminal.WriteDriftJSON(t.Out, r)
	}
	t.Drift(r)
	return nil
}
