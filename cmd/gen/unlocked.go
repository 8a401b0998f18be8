package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"distributed-moodle/internal/manifest"
)

// unlocked names the sites whose lock lacks something, with the command that writes it. That is not an error: deploy
// lock needs the manifest that was just written, and a plan stops at what is missing.
func unlocked(stderr io.Writer, sites []site) {
	for _, s := range sites {
		if len(s.Outside.Missing)+len(s.Outside.Stale) == 0 {
			continue
		}
		if len(s.Outside.Stale) > 0 {
			fmt.Fprintln(stderr, s.Outside.Stale)
		}
		if len(s.Outside.Missing) > 0 {
			fmt.Fprintf(stderr, "%s has no entry for %s\n", s.lock, strings.Join(s.Outside.Missing, ", "))
		}
		name := s.Manifest.Environment
		if slices.ContainsFunc(s.Outside.Staged, func(f manifest.Staged) bool { return f.SHA256 == "" }) {
			fmt.Fprintf(stderr, "nodes of %s can't start yet; ", name)
		}
		fmt.Fprintf(stderr, "run: deploy lock %s, then gen again (make templates)\n", name)
	}
}
