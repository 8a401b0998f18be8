package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/manifest"
)

func stageCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	return environment(flags, &cobra.Command{
		Use:   "stage ENVIRONMENT",
		Short: "Download what nodes need into the site's bucket",
		Long: "Download Moodle's archive, plugins, language packs and everything else that nodes need, compare each file with its reviewed\n" +
			"checksum, and put it into the site's bucket. A path instead of an https address is relative to the environment file.\n\n" +
			"deploy up does the same; use this command to do it earlier, or from another machine.",
		Example: "  deploy stage prod",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := deploy.Open(cmd.Context(), flags.out, args[0])
			if err != nil {
				return err
			}
			if _, err := session.Identify(cmd.Context()); err != nil {
				return err
			}
			if err := session.Own(cmd.Context()); err != nil {
				return err
			}
			client, folder := bucket.Client(), beside(session.Site.Manifest)
			return (&deploy.Stage{
				Site: session.Site.Manifest, Identify: session.Identify, Bucket: session.Bucket, View: t.View(), Fetch: fetching(session.Site.Manifest),
				Digest: func(ctx context.Context, s manifest.Staged) (string, error) {
					return bucket.Checksum(ctx, client, folder, s)
				},
			}).Run(cmd.Context())
		},
	})
}

// fetching gets files from outside; a path is relative to the folder of the site's environment file.
func fetching(m *manifest.Manifest) deploy.Fetch {
	client, folder := bucket.Client(), beside(m)
	return func(ctx context.Context, s manifest.Staged) ([]byte, error) {
		return bucket.Fetch(ctx, client, folder, s)
	}
}

// beside returns the folder of a site's environment file.
func beside(m *manifest.Manifest) string { return filepath.Dir(filepath.FromSlash(m.Source)) }
