package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"distributed-moodle/internal/generate/template"
)

// list shows each template's sizes and CloudFormation's limits, then its resources with the builder that added them.
func list(stdout io.Writer, sites []site) error {
	for _, site := range sites {
		w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "%s\tresources\toutputs\tbytes\t\n", site.folder)
		for _, s := range site.Stacks {
			fmt.Fprintf(w, "  %s\t%d of %d\t%d of %d\t%d of %d\t%s\n", s.Path, s.Resources, template.MaxResources,
				s.Outputs, template.MaxOutputs, len(s.YAML), template.MaxBytes, byURL(len(s.YAML)))
		}
		if err := w.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(stdout)
		w = tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
		for _, r := range site.Manifest.Resources {
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", r.Stack, r.ID, r.Type, r.Builder, keeps(r.Stateful))
		}
		if err := w.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(stdout)
	}
	return nil
}

func byURL(bytes int) string {
	if bytes > template.MaxInlineBytes {
		return fmt.Sprintf("over %d: passed by URL only", template.MaxInlineBytes)
	}
	return ""
}

func keeps(stateful bool) string {
	if stateful {
		return "keeps data"
	}
	return ""
}
