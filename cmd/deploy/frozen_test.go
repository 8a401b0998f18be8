//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"distributed-moodle/internal/deploy/terminal"
)

// What people and CI jobs type goes on to work: a command or a flag may come, none may go or mean something else.
func TestCommandsAndFlagsAreFrozen(t *testing.T) {
	var got strings.Builder
	list(&got, rootCommand(&terminal.Terminal{}))
	golden := filepath.Join("testdata", "commands.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("there are other commands or flags (-want +got; go test ./cmd/deploy -update when it is meant):\n%s", diff)
	}
}

// list writes a command with its own flags, and then those below it.
func list(w *strings.Builder, c *cobra.Command) {
	fmt.Fprintln(w, strings.TrimSuffix(c.CommandPath(), c.Name())+c.Use)
	c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		line := "    --" + f.Name
		if f.Shorthand != "" {
			line += ", -" + f.Shorthand
		}
		line += " " + f.Value.Type()
		if f.NoOptDefVal != "" && f.NoOptDefVal != "true" {
			line += ", without a value " + f.NoOptDefVal
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
			line += ", default " + f.DefValue
		}
		fmt.Fprintln(w, line)
	})
	for _, below := range c.Commands() {
		list(w, below)
	}
}
