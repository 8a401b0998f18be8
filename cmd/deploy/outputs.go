package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/terminal"
)

func outputsCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "outputs ENVIRONMENT",
		Short:   "Show a site's outputs (addresses, ids)",
		Long:    "Show the outputs of every stack of a deployed site, with the export names under which other stacks import them.",
		Example: "  deploy outputs dev\n  deploy outputs dev --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := open(cmd.Context(), t, flags, args)
			if err != nil {
				return err
			}
			look := deploy.Outputs{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}
			all, err := look.Run(cmd.Context())
			if err != nil {
				return err
			}
			return showOutputs(t, all, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object: by stack, then by key (docs/json.md)")
	return deployed(flags, cmd)
}

func showOutputs(t *terminal.Terminal, all []cfn.StackOutputs, asJSON bool) error {
	if asJSON {
		return terminal.WriteOutputsJSON(t.Out, all)
	}
	t.Outputs(all)
	return nil
}
