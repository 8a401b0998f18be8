package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"distributed-moodle/internal/cfn/servicerules"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gen": main, "gen-of-a-stricter-AWS": stricter})
}

// stricter is gen where AWS refuses a site named moodle-dev, and perhaps any network: no file that passes its own checks is refused today.
func stricter() {
	at := map[string][]string{"AWS::EC2::VPC": {"."}}
	servicerules.Rules = func() []servicerules.Rule {
		return []servicerules.Rule{
			{
				ID: "ec2-name", Rule: "A network has another name", At: at, From: servicerules.Read, Page: "https://example.com",
				Must:  []servicerules.Condition{{Path: "Tags[Key=Name].Value", MatchesNot: "moodle-dev"}},
				Error: servicerules.Refusal{Code: "Invalid", Text: "not {value}"},
			},
			{
				ID: "ec2-range", Rule: "A network has another range", At: at, From: servicerules.Memory, Page: "https://example.com",
				Must: []servicerules.Condition{{Path: "CidrBlock", MatchesNot: "/"}},
			},
		}
	}
	main()
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
