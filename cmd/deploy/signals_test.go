//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"distributed-moodle/internal/localawstest"
)

// slow generates a site in which one resource, of a name of its own, takes longer than the rest.
func slow(t *testing.T, account *localawstest.Account, resource, value string) string {
	t.Helper()
	account.Set(t, map[string]any{"slow": map[string]int{resource: 6000}})
	site := localawstest.Small("signals")
	site.Stacks["App"] = localawstest.Parameter(resource, value)
	return site.Write(t, t.TempDir())
}

// SIGTERM, as a runner sends it to a job that takes too long, is an interrupt.
func TestATerminatedDeployerLeavesTheDeploymentAlone(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			account := localawstest.New(t)
			out := slow(t, account, "SlowSignal"+strings.ToUpper(signal.String()[:1]), "v1")
			said, err := in(t, account, moment{"DescribeStackEvents 2", true}, func(p *os.Process) { send(t, p, signal) }, "up", "dev", "--yes", "--folder", out)
			interrupted(t, said, err, "interrupted; the operation continues in AWS", "deploy watch dev")
			if said := deploys(t, account, "watch", "dev", "--folder", out); !strings.Contains(said, "signals is deployed") {
				t.Errorf("it did not go on:\n%s", said)
			}
		})
	}
}

// The first interrupt waits for an answer that never comes, the second one does not.
func TestASecondInterruptLeavesAtOnce(t *testing.T) {
	for name, args := range map[string][]string{"left": nil, "cancelled": {"--cancel-on-interrupt"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := localawstest.New(t)
			call := "CreateChangeSet 1"
			if name == "cancelled" {
				deploys(t, account, "up", "dev", "--yes", "--folder", slow(t, account, "SlowSecond", "v1"))
				call = "CancelUpdateStack 1"
			}
			out := slow(t, account, "SlowSecond", "v2")
			b := standBetween(t, account)
			cmd := deployer(t, account, b.URL, append([]string{"up", "dev", "--yes", "--folder", out}, args...)...)
			started, gone := make(chan struct{}), make(chan struct{})
			b.act(moment{}, func(c string) {
				<-started
				if c == "DescribeStackEvents 3" && name == "cancelled" {
					send(t, cmd.Process, os.Interrupt)
				}
				if c == call {
					interruptUntil(t, cmd.Process, gone)
				}
			})
			var said bytes.Buffer
			cmd.Stderr = &said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			close(started)
			err := cmd.Wait()
			close(gone)
			interrupted(t, said.String(), err)
		})
	}
}

// interruptUntil interrupts a process until it is gone: two signals that come at once are one. One that stays is ended.
func interruptUntil(t *testing.T, p *os.Process, gone <-chan struct{}) {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for range 500 {
		_ = p.Signal(os.Interrupt)
		select {
		case <-gone:
			return
		case <-again.C:
		}
	}
	t.Error("it does not leave")
	_ = p.Kill()
}

func send(t *testing.T, p *os.Process, signal os.Signal) {
	t.Helper()
	if err := p.Signal(signal); err != nil {
		t.Error(err)
	}
}

// interrupted holds what an interrupted deployer said and its exit code against what they are to be.
func interrupted(t *testing.T, said string, err error, words ...string) {
	t.Helper()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 130 {
		t.Errorf("%v, want exit code 130:\n%s", err, said)
	}
	for _, word := range words {
		if !strings.Contains(said, word) {
			t.Errorf("%q is not in:\n%s", word, said)
		}
	}
}
