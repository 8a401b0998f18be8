package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/pullrequest"
	"distributed-moodle/internal/deploy/terminal"
)

func planCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var file string
	var asJSON, markdown bool
	accepts := &choices{}
	cmd := &cobra.Command{
		Use:   "plan ENVIRONMENT",
		Short: "Show what a deployment would change",
		Long: `Show what a deployment would change, and change nothing.

Exit code 0 says that there is nothing to do, 2 that changes are waiting, 3 that a finding stands open. With --out the plan is saved, to be
executed later by deploy apply; without, nothing of it stays in the account.

Where CloudFormation can't plan a nested stack, since it would have to know a value that only the deployment makes, --fallback says what to do:
never (an error), ask (on a terminal, else it is refused), always. The fallback plans the root alone and works out the changes of nested stacks
from their templates; the plan says of each that CloudFormation has not checked it.`,
		Example: "  deploy plan prod\n  deploy plan prod --out prod.plan\n  deploy plan prod --markdown > comment.md",
		RunE: func(cmd *cobra.Command, args []string) error {
			_, planner, err := planner(cmd.Context(), t, flags, args[0], accepts)
			if err != nil {
				return err
			}
			preview := &deploy.Preview{Planner: planner, Show: show(t, asJSON, markdown)}
			if file != "" {
				preview.File = file
				preview.Save = func(p *plan.Plan) error { return save(file, p) }
			}
			return preview.Run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&file, "out", "", "save the plan in this file, for deploy apply")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, as it is saved with --out")
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print Markdown for a comment on a pull request")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	accepts.flag(cmd.Flags())
	return environment(flags, cmd)
}

// show prints a plan as the result of a command.
func show(t *terminal.Terminal, asJSON, markdown bool) func(*plan.Plan) error {
	return func(p *plan.Plan) error {
		switch {
		case asJSON:
			text, err := plan.Encode(p)
			if err == nil {
				_, err = t.Out.Write(text)
			}
			return err
		case markdown:
			_, err := fmt.Fprint(t.Out, pullrequest.Write(p, pullrequest.Limit))
			return err
		case p.Changes.Changed() || p.Create:
			terminal.WriteWholePlan(t.Out, t.PaintOut, p, account.Caller{Account: p.Account, ARN: p.By})
		}
		return nil
	}
}

// save writes a plan for its owner only: it names accounts and resources.
func save(file string, p *plan.Plan) error {
	text, err := plan.Encode(p)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return outcome.Errorf(outcome.Failed, "save the plan: %w", err).Advise("name a file that can be written with --out")
	}
	return nil
}

// load reads a saved plan.
func load(file string) (*plan.Plan, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, outcome.Errorf(outcome.Failed, "read the plan: %w", err).Advise("make one with: deploy plan ENVIRONMENT --out %s", file)
	}
	p, err := plan.Decode(text)
	if err != nil {
		return nil, outcome.Errorf(outcome.Refused, "%s %w", file, err).Advise("nothing was deployed; make the plan again, and look at it")
	}
	return p, nil
}

func applyCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var upgrade bool
	var consent deploy.Consent
	accepts := &acceptances{}
	cmd := &cobra.Command{
		Use:   "apply FILE",
		Short: "Execute a saved plan",
		Long: `Execute a plan that deploy plan --out has saved, from any machine and by any role of its account.

Everything in the plan is read again first. It is refused when anything is not as it was: the stack has moved on, the change set is gone, the
file was edited, or the generated folder, where there is one, is another. --upgrade may be given here or to deploy plan.`,
		Example: "  deploy apply prod.plan\n  deploy apply prod.plan --yes-i-mean moodle-prod",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return outcome.Errorf(outcome.Failed, "apply needs one file").Advise("make one with: deploy plan dev --out dev.plan")
			}
			accepted, err := accepts.parsed()
			if err != nil {
				return err
			}
			saved, err := load(args[0])
			if err != nil {
				return err
			}
			session, err := deploy.OpenSaved(cmd.Context(), flags.out, saved.Manifest)
			if err != nil {
				return err
			}
			fmt.Fprintf(t.Err, "made %s by %s\n", saved.Made.Format("2006-01-02 15:04 UTC"), saved.By)
			return (&deploy.Apply{
				Target: session.Target(t.View(), token()), Plan: saved, Accepted: accepted, Upgrade: upgrade, Fetch: fetching(session.Site.Manifest),
				Again: session.Again(), Databases: session.Databases(), Consent: consent,
			}).Run(cmd.Context())
		},
	}
	agrees(cmd.Flags(), &consent)
	upgrades(cmd.Flags(), &upgrade)
	accepts.flag(cmd.Flags())
	return cmd
}
