package main

import (
	"fmt"
	"io"
	"strings"
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
		fmt.Fprintf(stderr, "nodes of %[1]s can't start yet; run: deploy lock %[1]s, then gen again\n", s.Manifest.Environment)
	}
}
