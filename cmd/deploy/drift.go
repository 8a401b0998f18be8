package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/drift"
	"distributed-moodle/internal/deploy/terminal"
)

func driftCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "drift ENVIRONMENT",
		Short: "Find what was changed by hand, outside CloudFormation",
		Long: `Find what was changed by hand, outside CloudFormation (drift), in every stack of the site, property by
property.

It also lists what CloudFormation cannot check. The exit code is 2 if anything differs. It changes nothing.`,
		Example: "  deploy drift prod\n  deploy drift prod --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := open(cmd.Context(), t, flags, args)
			if err != nil {
				return err
			}
			return (&deploy.Drift{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, Step: t.Step,
				Show: showDrift(t, asJSON),
			}).Run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object (docs/json.md)")
	return deployed(flags, cmd)
}

// showDrift prints a report.
func showDrift(t *terminal.Terminal, asJSON bool) func(*drift.Report) error {
	return func(r *drift.Report) error {
		if asJSON {
			return terminal.WriteDriftJSON(t.Out, r)
		}
		t.Drift(r)
		return nil
	}
}
