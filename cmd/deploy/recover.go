package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deployment"
	"distributed-moodle/internal/recovery"
	"distributed-moodle/internal/terminal"
)

func recoverSite(t *terminal.Terminal, flags *shared) *cobra.Command {
	var yes bool
	var skip []string
	cmd := &cobra.Command{
		Use:   "recover ENVIRONMENT",
		Short: "Bring a stack back from a state that no deployment can start from",
		Long: `Bring a stack back from a state that no deployment can start from.

It says what the state means, what the one right way out is and what that loses, and goes it when you agree. It never deletes
somebody else's plan. Where something holds a rollback up, the rollback is tried again; --skip gives such a resource up: a rollback
leaves it as it is, a deletion leaves it behind.`,
		Example: "  deploy recover dev\n  deploy recover prod --skip Data/Database",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := deployment.Open(cmd.Context(), flags.out, args[0])
			if err != nil {
				return err
			}
			return (&recovery.Recover{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, Lift: recovery.NewLifter(session.Config()).Lift,
				View: t.View(), Yes: yes, Skip: skip, Token: token(),
			}).Run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask; where deletion protection is to be lifted, the site's name is asked for all the same")
	cmd.Flags().StringArrayVar(&skip, "skip", nil, "give up a resource that holds it up, as Stack/Resource (may be repeated)")
	return environment(flags, cmd)
}
