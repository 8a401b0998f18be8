//go:build unix

package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/rogpeppe/go-internal/testscript"

	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

var update = flag.Bool("update", false, "rewrite the golden files in the scripts")

func TestMain(m *testing.M) {
	testscript.Main(inFolder{m}, map[string]func(){"deploy": main})
}

// The scripts read like sessions of a person typing; each has an empty account of the local AWS to itself.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			account := localawstest.New(env.T().(testing.TB))
			env.Values["account"] = account
			env.Vars = append(env.Vars, account.Environ()...)
			env.Setenv("ACCOUNT", account.ID)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"generate":  generate,
			"exits":     exits,
			"foreign":   foreign,
			"interrupt": interrupt,
			"localaws":  turn,
		},
	})
}

// generate writes out/ENVIRONMENT for a small site: generate ENVIRONMENT SITE [production] [account=ID]
// [staged=NAME:path in environments/] [unknown=NAME:path] [application=NAME] [checksums=ADVICE] [Stack=template file]...
func generate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: generate ENVIRONMENT SITE [production] [account=ID] [Stack=file]...")
	}
	folder := localawstest.Small(args[1])
	folder.Environment = args[0]
	for _, arg := range args[2:] {
		key, value, _ := strings.Cut(arg, "=")
		switch {
		case arg == "production":
			folder.Production = true
		case key == "account":
			folder.Account = value
		case key == "staged":
			name, file, _ := strings.Cut(value, ":")
			of := manifest.FileOf(file, []byte(ts.ReadFile("environments/"+file)))
			folder.Staged = append(folder.Staged, manifest.Staged{Name: name, URL: file, SHA256: of.SHA256})
		case key == "unknown":
			name, file, _ := strings.Cut(value, ":")
			folder.Staged = append(folder.Staged, manifest.Staged{Name: name, URL: file})
		case key == "application":
			folder.Application = &manifest.Application{Name: value}
		case slices.Contains(folder.Order, key):
			folder.Stacks[key] = ts.ReadFile(value)
		default:
			ts.Fatalf("generate: what is %s?", arg)
		}
	}
	ts.Check(folder.WriteTo(filepath.Join(ts.Getenv("WORK"), "out")))
}

// foreign makes a stack as another team does: foreign STACK TEMPLATE.
func foreign(ts *testscript.TestScript, _ bool, args []string) {
	api := cloudformation.NewFromConfig(ts.Value("account").(*localawstest.Account).Config())
	_, err := api.CreateStack(context.Background(), &cloudformation.CreateStackInput{StackName: &args[0], TemplateBody: aws.String(ts.ReadFile(args[1]))})
	ts.Check(err)
	waiter := cloudformation.NewStackCreateCompleteWaiter(api, func(o *cloudformation.StackCreateCompleteWaiterOptions) { o.MinDelay = 100 * time.Millisecond })
	ts.Check(waiter.Wait(context.Background(), &cloudformation.DescribeStacksInput{StackName: &args[0]}, time.Minute))
}

// turn sets something of the local AWS: localaws {"slow": {"Version": 500}}.
func turn(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Value("account").(*localawstest.Account).Turn(strings.Join(args, " ")))
}

// exits runs a command that must end with an exit code: exits CODE command [argument]...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command [argument]...")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// interrupt runs a command and interrupts it when a word is in its standard error, which is written to a file; it must end with
// exit code 130: interrupt WORD FILE command [argument]...
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt WORD FILE command [argument]...")
	}
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir, cmd.Env = ts.Getenv("WORK"), environ(ts)
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	var said strings.Builder
	interrupted := false // a second one would end it at once
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		fmt.Fprintln(&said, lines.Text())
		if !interrupted && strings.Contains(lines.Text(), args[0]) {
			interrupted = true
			ts.Check(cmd.Process.Signal(os.Interrupt))
		}
	}
	exit, _ := errors.AsType[*exec.ExitError](cmd.Wait())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(said.String()), 0o644))
	if exit == nil || exit.ExitCode() != 130 {
		ts.Fatalf("exit code %v, want 130:\n%s", exit, &said)
	}
}

func environ(ts *testscript.TestScript) []string {
	var all []string
	for _, name := range []string{"PATH", "HOME", "WORK", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		all = append(all, name+"="+ts.Getenv(name))
	}
	return all
}
