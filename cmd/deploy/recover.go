package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy/recovery"
	"distributed-moodle/internal/deploy/terminal"
)

func recoverCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var yes, leftovers bool
	var skip []string
	cmd := &cobra.Command{
		Use:   "recover ENVIRONMENT",
		Short: "Repair a stack whose state blocks every deployment",
		Long: `Repair a stack whose state blocks every deployment.

It explains the state, shows the safe way to fix it and what you would lose, and does it after you confirm.
It never deletes somebody else's plan. Where a resource blocks a rollback, the rollback is tried again.
--skip leaves such a resource out: a rollback leaves it as it is, a deletion leaves it in the account.

It lists what failed creations left in the account. --delete-leftovers deletes that, with all data in it:
only for a site that was never created completely, only what was listed, and only after you type the site's
name (outside production --yes is enough).`,
		Example: "  deploy recover dev\n  deploy recover prod --skip Data/Database",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := open(cmd.Context(), t, flags, args)
			if err != nil {
				return err
			}
			return (&recovery.Recover{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify,
				Unprotect: recovery.NewUnprotector(session.Config()).Unprotect,
				Leftovers: recovery.NewLeftoverDeleter(session.Config()), DeleteLeftovers: leftovers,
				View: t.View(), Yes: yes, Skip: skip, Token: token(),
			}).Run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(
		&yes, "yes", false,
		"do not ask for confirmation; before deletion protection is removed, the site's name must be typed in any case",
	)
	cmd.Flags().BoolVar(&leftovers, "delete-leftovers", false, "delete what creations that never completed left behind")
	cmd.Flags().StringArrayVar(
		&skip, "skip", nil, "leave out a resource that blocks the recovery, as Stack/Resource (may be repeated)",
	)
	return deployed(flags, cmd)
}
