package main

import (
	"time"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/terminal"
)

func statusCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "status ENVIRONMENT",
		Short:   "Show a site's status",
		Long:    "Show a site's status: its stacks, the last operation and who started it, plans that wait for execution, protection, address. It changes nothing.",
		Example: "  deploy status prod\n  deploy status prod --json | jq -r .stacks[].status",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := open(cmd.Context(), t, flags, args)
			if err != nil {
				return err
			}
			look := deploy.Status{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}
			s, err := look.Run(cmd.Context())
			if err != nil {
				return err
			}
			return showStatus(t, s, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object (docs/json.md)")
	return deployed(flags, cmd)
}

func showStatus(t *terminal.Terminal, s *deploy.SiteStatus, asJSON bool) error {
	if asJSON {
		return terminal.WriteStatusJSON(t.Out, s, time.Now())
	}
	t.Status(s, time.Now())
	return nil
}
