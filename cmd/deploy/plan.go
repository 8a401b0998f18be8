package main

import (
	"context"
	"fmt"

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
	var asJSON, markdown, write bool
	accepts := &choices{}
	cmd := &cobra.Command{
		Use:   "plan ENVIRONMENT",
		Short: "Show what a deployment would change",
		Long: `Show what a deployment would change, and change nothing.

Exit code 0: nothing to do. 2: there are changes. 3: a gate has a finding that nobody accepted. With --out
the plan is saved, for deploy apply; without --out nothing of it stays in the account.

A finding is accepted with --accept for one run, or in the file ENVIRONMENT.accept beside the environment
file, for exactly what was found. --write-accept writes its entries; a person gives the reasons.

CloudFormation can't plan a nested stack that needs a value which only the deployment creates. --fallback
decides what happens then: never (an error), ask (on a terminal, else refused), always. The fallback plans
only the root by CloudFormation, and derives the changes of nested stacks from their templates; the plan
marks those stacks as not checked by CloudFormation.`,
		Example: "  deploy plan prod\n  deploy plan prod --out prod.plan\n  deploy plan prod --markdown > comment.md",
		RunE: func(cmd *cobra.Command, args []string) error {
			_, planner, err := planner(cmd.Context(), t, flags, args[0], accepts)
			if err != nil {
				return err
			}
			preview := &deploy.Preview{Planner: planner, Show: show(t, asJSON, markdown)}
			if write {
				preview.Write = func(p *plan.Plan) (string, error) { return deploy.WriteReviewed(planner.Reviewed, p) }
			}
			if file != "" {
				preview.File = file
				preview.Save = func(p *plan.Plan) error { return deploy.SavePlan(file, p) }
			}
			return preview.Run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&file, "out", "", "save the plan in this file, for deploy apply")
	cmd.Flags().BoolVar(
		&write, "write-accept", false,
		"write the findings that are not accepted into the accept file beside the environment file, for a review",
	)
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

func applyCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var upgrade bool
	var consent deploy.Consent
	accepts := &acceptances{}
	cmd := &cobra.Command{
		Use:   "apply FILE",
		Short: "Execute a saved plan",
		Long: `Execute a plan that deploy plan --out saved, from any machine and with any role of its account.

It first checks that nothing has changed since the plan was made. It refuses if the stack was updated, the
change set no longer exists, the file was edited, or there is a generated folder that differs.

The gates check the plan again, from the deployed and the planned templates in the account. What the file
lists as found, as accepted or as ordered decides nothing: pass --accept and --upgrade here. A finding that
the file does not show stops the deployment as one "found since the plan was made".`,
		Example: "  deploy apply prod.plan\n  deploy apply prod.plan --yes-i-mean moodle-prod",
		Args:    onePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			apply, err := saved(cmd.Context(), t, flags, args[0], accepts)
			if err != nil {
				return err
			}
			apply.Upgrade, apply.Consent = upgrade, consent
			return apply.Run(cmd.Context())
		},
	}
	agrees(cmd.Flags(), &consent)
	upgrades(cmd.Flags(), &upgrade)
	accepts.flag(cmd.Flags())
	return cmd
}

// onePlan takes the one argument of a command about a saved plan.
func onePlan(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return outcome.Errorf(outcome.Failed, "%s needs one file", cmd.Name()).
			Advise("make one with: deploy plan dev --out dev.plan")
	}
	return nil
}

func madeBy(p *plan.Plan) string {
	return fmt.Sprintf("made %s by %s", p.Made.Format("2006-01-02 15:04 UTC"), p.By)
}

// saved reads a saved plan, opens its site and returns what executes it.
func saved(
	ctx context.Context, t *terminal.Terminal, flags *shared, file string, accepts *acceptances,
) (*deploy.Apply, error) {
	accepted, err := accepts.parsed()
	if err != nil {
		return nil, err
	}
	p, err := deploy.LoadPlan(file)
	if err != nil {
		return nil, err
	}
	session, err := deploy.OpenSaved(ctx, flags.out, p.Manifest)
	if err != nil {
		return nil, err
	}
	reviewed, err := session.Reviewed()
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(t.Err, madeBy(p))
	return &deploy.Apply{
		Target: session.Target(t.View(), token()), Plan: p, Accepted: accepted, Reviewed: reviewed,
		Fetch: session.Outside("").Fetch,
		Again: session.Again(), Databases: session.Databases(),
	}, nil
}
