package main

import (
	"time"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/proof"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/release"
	"distributed-moodle/internal/verified"
)

func proveCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var asJSON bool
	var file string
	cmd := &cobra.Command{
		Use:   "prove ENVIRONMENT",
		Short: "Ask a deployed site what nobody has shown on AWS yet",
		Long: `Ask a deployed site what nobody has shown on AWS yet, and write the answers into a file.

It only reads. What it cannot read it calls unknown. Of what changes something, or what no program can ask, it
prints the commands. The site must name its account and must not be a production site. The exit code is 2 if an
answer is not the expected one, and 1 if a question got no answer.`,
		Example: "  deploy prove dev\n  deploy prove dev --out proof.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			rows, err := verified.All()
			if err != nil {
				return err
			}
			session, err := deploy.Open(cmd.Context(), flags.out, args[0])
			if err != nil {
				return err
			}
			return (&deploy.Prove{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, Rows: rows,
				Calls: proof.NewCalls(session.Config()), Endpoint: session.Endpoint(), Program: release.Build(),
				File: file, Now: time.Now, Step: t.Step, Show: showProof(t, asJSON),
			}).Run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&file, "out", "", "file for the answers (default: proof-<date>.json)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object (docs/json.md)")
	return environment(flags, cmd)
}

// showProof prints a proof.
func showProof(t *terminal.Terminal, asJSON bool) func(*proof.Proof, string) error {
	return func(p *proof.Proof, file string) error {
		if asJSON {
			text, err := p.Encode()
			if err == nil {
				_, err = t.Out.Write(text)
			}
			return err
		}
		t.Proof(p, file)
		return nil
	}
}
