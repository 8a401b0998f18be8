//go:build unix

package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/localawstest"
)

// Who applied a saved plan is gone in the middle. The plan is applied again by somebody else, or refused with the reason; the site comes
// to what it says either way.
func TestApplyKilledAtAnyCall(t *testing.T) {
	killedAtAnyCall(t, func(t *testing.T, account *localawstest.Account) []string {
		deploys(t, account, toUp(folder(t, "v1", true))...)
		out := folder(t, "v2", true)
		saved := filepath.Join(out, "saved.plan")
		said, err := deployer(t, account, account.URL, "plan", "dev", "--out", saved, "--folder", out).CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 2 {
			t.Fatalf("%v\n%s", err, said)
		}
		return []string{"apply", saved, "--yes-i-mean", "killed", "--folder", out}
	}, func(t *testing.T, account *localawstest.Account, args []string) {
		deploys(t, account, "watch", "dev", "--folder", args[len(args)-1])
		said, err := deployer(t, account, account.URL, args...).CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 3 || !strings.Contains(string(said), "deploy: the saved plan is no longer valid: ")) {
			t.Errorf("applied again: %v\n%s", err, said)
		}
		standsAsGenerated(t, account, toUp(args[len(args)-1]))
	})
}

func TestRecoverKilledAtAnyCall(t *testing.T) {
	killedAtAnyCall(t, func(t *testing.T, account *localawstest.Account) []string {
		site := localawstest.Small("killed")
		site.Stacks["App"] = localawstest.Parameter("Broken", "!ImportValue nowhere")
		out := site.Write(t, t.TempDir())
		said, err := deployer(t, account, account.URL, toUp(out)...).CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 4 {
			t.Fatalf("%v\n%s", err, said)
		}
		return []string{"recover", "dev", "--yes", "--folder", out}
	}, func(t *testing.T, account *localawstest.Account, args []string) {
		deploys(t, account, "watch", "dev", "--folder", args[len(args)-1])
		deploys(t, account, args...)
		if stack, err := client(account).Stack(t.Context(), "killed"); !cfn.IsNotFound(err) {
			t.Errorf("the stack is %s, %v", stack.Status, err)
		}
	})
}
