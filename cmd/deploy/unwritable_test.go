//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

// planned generates a site in an empty account and returns a command that plans it.
func planned(t *testing.T, args ...string) (*localawstest.Account, *exec.Cmd) {
	t.Helper()
	account := localawstest.New(t)
	out := localawstest.Small("unwritable").Write(t, t.TempDir())
	return account, deployer(t, account, account.URL, append(args, "dev", "--folder", out)...)
}

// leavesNothing checks that a command that ended early has left no stack, and with it no change set.
func leavesNothing(t *testing.T, account *localawstest.Account) {
	t.Helper()
	all, err := cloudformation.NewFromConfig(account.Config()).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, stack := range all.Stacks {
		t.Errorf("left in the account: %s, %s", *stack.StackName, stack.StackStatus)
	}
}

func code(t *testing.T, err error, want outcome.Code) {
	t.Helper()
	failed, is := errors.AsType[*exec.ExitError](err)
	if !is || failed.ExitCode() != int(want) {
		t.Errorf("it ended with %v, want exit code %d", err, want)
	}
}

// deploy plan dev | head -1
func TestAReaderThatLeavesEndsAPlanAsAnInterruptDoes(t *testing.T) {
	account, cmd := planned(t, "plan")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr, cmd.Stdout = write, write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	if _, err := bufio.NewReader(read).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	read.Close()
	code(t, cmd.Wait(), outcome.Interrupted)
	leavesNothing(t, account)
}

// deploy plan dev > /dev/full
func TestAFullDiskIsSaid(t *testing.T) {
	account, cmd := planned(t, "plan")
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("SKIPPED by name: there is no /dev/full here")
	}
	defer full.Close()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = full, &said
	code(t, cmd.Run(), outcome.Failed)
	if !strings.Contains(said.String(), "write what is said: write /dev/stdout: no space left on device") {
		t.Errorf("it said:\n%s", said.String())
	}
	leavesNothing(t, account)
}

// The window is closed while a plan is made.
func TestAHangUpWhilePlanningLeavesNothing(t *testing.T) {
	account := localawstest.New(t)
	out := localawstest.Small("hangup").Write(t, t.TempDir())
	said, err := in(t, account, moment{"DescribeChangeSet 1", true}, func(p *os.Process) { send(t, p, syscall.SIGHUP) }, "plan", "dev", "--folder", out)
	interrupted(t, said, err)
	leavesNothing(t, account)
}
