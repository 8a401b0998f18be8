package main

import (
	"time"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/terminal"
)

func historyCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var file string
	var number, last int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "history ENVIRONMENT",
		Short: "List a site's operations, or draw one as a timeline",
		Long: `List the operations on a site, newest first: what, when, by whom, how it ended and how long it took.

With --html it draws one operation (the last, or --operation) as a timeline over the tree of stacks: a bar
for each resource, with the critical path and the first cause of a failure marked. The page is one file that
needs no network.

The history comes from CloudFormation, which keeps the events of a stack for 90 days. The command changes
nothing.`,
		Example: "  deploy history prod\n  deploy history prod --html last.html\n  deploy history prod --html night.html --operation 3\n" +
			"  deploy history prod --json | jq -r 'select(.result == \"failed\") | .began'",
		PreRunE: func(*cobra.Command, []string) error {
			if last < 1 || number < 1 {
				return outcome.Errorf(outcome.Failed, "--last and --operation must be 1 or more")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := open(cmd.Context(), t, flags, args)
			if err != nil {
				return err
			}
			h := &deploy.History{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}
			if cmd.Flags().Changed("html") {
				return (&deploy.Timeline{History: h, Number: number, File: file, Done: t.Done}).Run(cmd.Context())
			}
			past, err := h.Run(cmd.Context(), last)
			if err != nil {
				return err
			}
			return showPast(t, past, session.Site.Environment, asJSON)
		},
	}
	cmd.Flags().StringVar(&file, "html", "", "draw one operation into this file")
	cmd.Flags().IntVar(&number, "operation", 1, "the operation to draw, by its number in the list")
	cmd.Flags().IntVar(&last, "last", 20, "how many operations to list")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line, one an operation (docs/json.md)")
	cmd.MarkFlagsMutuallyExclusive("html", "json")
	cmd.MarkFlagsMutuallyExclusive("html", "last")
	return deployed(flags, cmd)
}

// showPast prints a site's operations.
func showPast(t *terminal.Terminal, past *deploy.Past, environment string, asJSON bool) error {
	if asJSON {
		return terminal.WriteHistoryJSON(t.Out, past, time.Now())
	}
	t.History(past, environment, time.Now())
	return nil
}
