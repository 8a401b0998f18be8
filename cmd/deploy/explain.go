package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/terminal"
)

func explainCommand(t *terminal.Terminal) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:       "explain [CODE]",
		Short:     "Explain the findings of a plan",
		Long:      "Explain what a gate checks in a plan, and why. Without a code, explain all gates.",
		Example:   "  deploy explain\n  deploy explain data-loss",
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: gate.Codes(),
		RunE: func(_ *cobra.Command, args []string) error {
			codes := gate.Codes()
			if len(args) == 1 {
				codes = args
			}
			return explain(t, codes, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object (docs/json.md)")
	return cmd
}

// explain prints what gates are about.
func explain(t *terminal.Terminal, codes []string, asJSON bool) error {
	for _, code := range codes {
		if gate.Explain(gate.Code(code)) == "" {
			return outcome.Errorf(outcome.Failed, "there is no gate %s", code).
				Advise("list all gates with: deploy explain")
		}
	}
	if asJSON {
		return terminal.WriteGatesJSON(t.Out, codes)
	}
	for i, code := range codes {
		if i > 0 {
			fmt.Fprintln(t.Out)
		}
		fmt.Fprintf(t.Out, "%s\n%s\n", code, gate.Explain(gate.Code(code)))
	}
	return nil
}
