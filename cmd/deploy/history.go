package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/history/page"
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

With --html it draws one operation (the last, or --operation) as a timeline over the tree of stacks: a bar for each resource, with the
critical path and the first cause of a failure marked. The page is one file that needs no network.

The history comes from CloudFormation, which keeps the events of a stack for 90 days. The command changes nothing.`,
		Example: "  deploy history prod\n  deploy history prod --html last.html\n  deploy history prod --html night.html --operation 3\n" +
			"  deploy history prod --json | jq -r 'select(.result == \"failed\") | .began'",
		RunE: func(cmd *cobra.Command, args []string) error {
			if last < 1 || number < 1 {
				return outcome.Errorf(outcome.Failed, "--last and --operation must be 1 or more")
			}
			session, err := deploy.Open(cmd.Context(), flags.out, args[0])
			if err != nil {
				return err
			}
			h := &deploy.History{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}
			if cmd.Flags().Changed("html") {
				return drawTo(cmd, t, h, file, number)
			}
			past, err := h.Run(cmd.Context(), last)
			if err != nil {
				return err
			}
			if asJSON {
				return terminal.WriteHistoryJSON(t.Out, past, time.Now())
			}
			t.History(past, args[0], time.Now())
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "html", "", "draw one operation into this file")
	cmd.Flags().IntVar(&number, "operation", 1, "the operation to draw, by its number in the list")
	cmd.Flags().IntVar(&last, "last", 20, "how many operations to list")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line, one an operation (docs/json.md)")
	cmd.MarkFlagsMutuallyExclusive("html", "json")
	cmd.MarkFlagsMutuallyExclusive("html", "last")
	return environment(flags, cmd)
}

// drawTo writes the page of one operation, whole or not at all, for its owner only: it names accounts and resources.
func drawTo(cmd *cobra.Command, t *terminal.Terminal, h *deploy.History, file string, number int) error {
	if err := free(file); err != nil {
		return err
	}
	drawn, err := h.Page(cmd.Context(), number, time.Now())
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := page.Write(&text, *drawn); err != nil {
		return err
	}
	if err := renameio.WriteFile(file, text.Bytes(), 0o600); err != nil {
		return outcome.Errorf(outcome.Failed, "write the timeline: %w", err).Advise("name a file in a writable folder with --html")
	}
	by := drawn.What
	if drawn.Who != "" {
		by += " by " + drawn.Who
	}
	t.Done(fmt.Sprintf("%s of %s (%s), is drawn in %s", by, drawn.Timeline.Began.UTC().Format("2006-01-02 15:04 UTC"), drawn.Result, file))
	return nil
}

// free reports whether a page may be written to a file: it is not there, or holds an older page.
func free(file string) error {
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return outcome.Errorf(outcome.Failed, "write the timeline: %w", err).Advise("name a file with --html")
	case !page.Is(text):
		return outcome.Errorf(outcome.Refused, "%s exists and is not a timeline of deploy history", file).Advise("name another file with --html; nothing was written")
	}
	return nil
}
