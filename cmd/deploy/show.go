package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/terminal"
)

func showCommand(t *terminal.Terminal) *cobra.Command {
	var asJSON, markdown bool
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a saved plan",
		Long: `Show a plan that deploy plan --out saved. It needs no credentials and no network, and changes nothing.

What is shown is what the file says. Whether it still holds is what deploy apply finds out in the account.
Exit code 0 whatever the plan has; deploy plan has the exit codes.`,
		Example: "  deploy show prod.plan\n  deploy show prod.plan --markdown > comment.md",
		Args:    onePlan,
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := deploy.LoadPlan(args[0])
			if err != nil {
				return err
			}
			fmt.Fprintln(t.Err, madeBy(p)+", who saw what is listed and accepted here; deploy apply judges again")
			return show(t, asJSON, markdown)(p)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, as it is in the file")
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print Markdown for a comment on a pull request")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	return cmd
}
