package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gen": main})
}

// TestCommand runs the scripts of a person typing. Each begins with the committed dev environment.
func TestCommand(t *testing.T) {
	dev, err := os.ReadFile("../../environments/dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			if err := os.MkdirAll(env.WorkDir+"/environments", 0o755); err != nil {
				return err
			}
			return os.WriteFile(env.WorkDir+"/environments/dev.yaml", dev, 0o644)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "replace": replace},
	})
}

// exits CODE COMMAND… runs a command that ends with the code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	if got := code(err); got != args[0] {
		ts.Fatalf("%v exits %s, want %s (%v)", args[1:], got, args[0], err)
	}
}

// replace FILE OLD NEW changes a text in a file that has it.
func replace(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	changed := replaceAll(text, args[1], args[2])
	if changed == text {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(changed), 0o644))
}

func replaceAll(text, old, new string) string {
	unescape := strings.NewReplacer(`\n`, "\n")
	return strings.ReplaceAll(text, unescape.Replace(old), unescape.Replace(new))
}

func code(err error) string {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return strconv.Itoa(exit.ExitCode())
	}
	return "0"
}
