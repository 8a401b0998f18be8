package main

import (
	"context"
	"net/http"
	"path/filepath"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deployment"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/staging"
	"distributed-moodle/internal/terminal"
)

func stage(t *terminal.Terminal, flags *shared) *cobra.Command {
	return environment(flags, &cobra.Command{
		Use:   "stage ENVIRONMENT",
		Short: "Fetch what nodes need from outside into the site's bucket",
		Long: "Fetch Moodle's archive, plugins, language packs and what else nodes need from outside, hold each file against the digest\n" +
			"that was reviewed, and put it into the site's bucket. A path that is no https address is relative to the environment file.",
		Example: "  deploy stage prod",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := deployment.Open(cmd.Context(), flags.out, args[0])
			if err != nil {
				return err
			}
			folder := filepath.Dir(filepath.FromSlash(session.Site.Source))
			return (&deployment.Stage{
				Site: session.Site.Manifest, Identify: session.Identify, Bucket: session.Shelf, View: t.View(),
				Fetch: func(ctx context.Context, s manifest.Staged) ([]byte, error) {
					return staging.Fetch(ctx, http.DefaultClient, folder, s)
				},
			}).Run(cmd.Context())
		},
	})
}
