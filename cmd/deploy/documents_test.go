package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/terminal"
)

var (
	typed   = regexp.MustCompile("(?s)`([^`]+)`")
	toTake  = regexp.MustCompile(`--accept "?'?([a-z-]+)/`)
	command = regexp.MustCompile(`^(?:\$ )?deploy ([a-z]+)(.*)$`)
	flagged = regexp.MustCompile(`(?:^| )--([a-z-]+)`)
)

// Each command that a document tells people to type exists, with its flags, and each gate that it accepts.
func TestDocumentsNameCommandsThatThereAre(t *testing.T) {
	root := rootCommand(&terminal.Terminal{})
	seen := 0
	for _, name := range []string{"README.md", "docs/runbook.md", "docs/verified.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codes(string(text)) {
			found := command.FindStringSubmatch(code)
			if found == nil {
				continue
			}
			seen++
			c, _, err := root.Find([]string{found[1]})
			if err != nil || c == root {
				t.Errorf("%s: %q: there is no command %s", name, code, found[1])
				continue
			}
			for _, f := range flagged.FindAllStringSubmatch(found[2], -1) {
				if !has(c, f[1]) {
					t.Errorf("%s: %q: deploy %s has no flag --%s", name, code, found[1], f[1])
				}
			}
			for _, a := range toTake.FindAllStringSubmatch(code, -1) {
				if !slices.Contains(gate.Codes(), a[1]) {
					t.Errorf("%s: %q: there is no gate %s", name, code, a[1])
				}
			}
		}
	}
	if seen < 40 {
		t.Errorf("the documents name %d commands; the rule would hold for nothing", seen)
	}
}

// codes are what a document shows as code: in backticks, or in indented lines.
func codes(text string) []string {
	var all []string
	for _, found := range typed.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.Join(strings.Fields(found[1]), " "))
	}
	for line := range strings.Lines(text) {
		if code, indented := strings.CutPrefix(line, "    "); indented {
			all = append(all, strings.TrimSpace(code))
		}
	}
	return all
}

func has(c *cobra.Command, name string) bool {
	return c.Flags().Lookup(name) != nil || c.InheritedFlags().Lookup(name) != nil || name == "help"
}
