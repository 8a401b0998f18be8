package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/recovery"
	"distributed-moodle/internal/deploy/terminal"
)

func recoverSite(t *terminal.Terminal, flags *shared) *cobra.Command {
	var yes, leftovers bool
	var skip []string
	cmd := &cobra.Command{
		Use:   "recover ENVIRONMENT",
		Short: "Bring a stack back from a state that no deployment can start from",
		Long: `Bring a stack back from a state that no deployment can start from.

It shows what the state means, the steps out of it and what they lose, and runs them when you agree. It never deletes
somebody else's change set. Where a resource blocks a rollback or a deletion, that is tried again; --skip leaves such a resource out:
a rollback skips it as it is, a deletion retains it in the account.

What creations that failed left in the account is listed. --delete-leftovers deletes it, with all that is in it: only of a site that never
served, only what was listed, and after the site's name was typed (--yes is enough outside production).`,
		Example: "  deploy recover dev\n  deploy recover prod --skip Data/Database",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := deploy.Open(cmd.Context(), flags.out, args[0])
			if err != nil {
				return err
			}
			return (&recovery.Recover{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, Unprotect: recovery.NewUnprotector(session.Config()).Unprotect,
				Leftovers: recovery.NewLeftoverDeleter(session.Config()), DeleteLeftovers: leftovers,
				View: t.View(), Yes: yes, Skip: skip, Token: token(),
			}).Run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask; where deletion protection is to be turned off, the site's name is asked for all the same")
	cmd.Flags().BoolVar(&leftovers, "delete-leftovers", false, "delete what creations that never came to their end left behind")
	cmd.Flags().StringArrayVar(&skip, "skip", nil, "skip a resource that blocks it, as Stack/Resource (may be repeated)")
	return environment(flags, cmd)
}
