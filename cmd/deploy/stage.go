package main

import (
	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/terminal"
)

func stageCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var from string
	cmd := environment(flags, &cobra.Command{
		Use:   "stage ENVIRONMENT",
		Short: "Put what nodes need into the site's bucket",
		Long: `Put everything from outside AWS that nodes need into the site's bucket, such as the application's archive and
plugins. Each file is taken from the first place that has it, and only with its reviewed checksum: the folder of
--from, the bucket of another site of the account, its address. A path instead of an https address is relative to the
environment file.

deploy up does the same; use this command to do it earlier, or from another machine.`,
		Example: "  deploy stage prod\n  deploy stage prod --from ~/Downloads",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := deploy.Open(cmd.Context(), flags.out, args[0])
			if err != nil {
				return err
			}
			if err := session.Own(cmd.Context()); err != nil {
				return err
			}
			return (&deploy.Stage{
				Site: session.Site.Manifest, Identify: session.Identify, Bucket: session.Bucket, View: t.View(),
				Fetch: session.Outside(from).Fetch,
			}).Run(cmd.Context())
		},
	})
	cmd.Flags().StringVar(&from, "from", "", "a folder with some of the files, under any names")
	return cmd
}
