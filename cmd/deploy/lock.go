package main

import (
	"time"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/download"
	"distributed-moodle/internal/deploy/lock"
	"distributed-moodle/internal/deploy/terminal"
)

func lockCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	return environment(flags, &cobra.Command{
		Use:   "lock ENVIRONMENT",
		Short: "Write down which files nodes take from outside AWS",
		Long: `Find out which files from outside AWS the generated folder wants, download each, verify it, and write address,
checksum, size, date and how it was verified into the lock beside the environment file. Review the difference like
code, then generate the folder again: nodes run exactly the files with these checksums.

It needs no AWS credentials. A file that can't be resolved keeps the entry that it has, and the command fails.`,
		Example: "  deploy lock dev",
		RunE: func(cmd *cobra.Command, args []string) error {
			site, err := deploy.ReadSite(flags.out, args[0])
			if err != nil {
				return err
			}
			l := &lock.Lock{Site: site.Manifest, Get: download.New().Get, Today: time.Now(), View: t.View()}
			return l.Run(cmd.Context())
		},
	})
}
