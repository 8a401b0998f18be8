package main

import (
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
		Long: "Download everything from outside AWS that nodes need, such as the application's archive and plugins, compare each file with its\n" +
			"reviewed checksum, and put it into the site's bucket. A path instead of an https address is relative to the environment file.\n\n" +
			"deploy up does the same; use this command to do it earlier, or from another machine.",
		Example: "  deploy stage prod",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := deploy.Open(cmd.Context(), flags.out, args[0])
			if err != nil {
				return err
			}
			if err := session.Own(cmd.Context()); err != nil {
				return err
			}
			source := outside(session.Site.Manifest)
			return (&deploy.Stage{
				Site: session.Site.Manifest, Identify: session.Identify, Bucket: session.Bucket, View: t.View(),
				Fetch: source.Fetch, Digest: source.Checksum,
			}).Run(cmd.Context())
		},
	})
}

// outside is where a site's staged files come from. A path is relative to the folder of the site's environment file.
func outside(m *manifest.Manifest) *bucket.Source {
	return bucket.NewSource(filepath.Dir(filepath.FromSlash(m.Source)))
}
