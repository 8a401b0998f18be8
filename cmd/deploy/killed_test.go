//go:build unix

package main

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/localawstest"
)

// A laptop dies in the middle of a deployment, at any of its calls. From another directory, with nothing but the generated folder,
// the site comes to the same end, and of the plan that was lost nothing stays.
func TestUpKilledAtAnyCall(t *testing.T) {
	t.Run("creation", func(t *testing.T) {
		killedAtAnyCall(t, func(t *testing.T, _ *localawstest.Account) []string { return toUp(folder(t, "v1", true)) }, standsAsGenerated)
	})
	t.Run("update", func(t *testing.T) {
		killedAtAnyCall(t, func(t *testing.T, account *localawstest.Account) []string {
			deploys(t, account, toUp(folder(t, "v1", true))...)
			return toUp(folder(t, "v2", true))
		}, standsAsGenerated)
	})
}

func TestDestroyKilledAtAnyCall(t *testing.T) {
	killedAtAnyCall(t, func(t *testing.T, account *localawstest.Account) []string {
		out := folder(t, "v1", false)
		deploys(t, account, toUp(out)...)
		return []string{"destroy", "dev", "--yes", "--folder", out}
	}, func(t *testing.T, account *localawstest.Account, args []string) {
		deploys(t, account, "watch", "dev", "--folder", args[len(args)-1]) // a deletion that has begun goes on
		if said := deploys(t, account, args...); !strings.Contains(said, "is destroyed") && !strings.Contains(said, "nothing to destroy") {
			t.Errorf("the second deletion says:\n%s", said)
		}
		if stack, err := client(account).Stack(t.Context(), "killed"); !cfn.IsNotFound(err) {
			t.Errorf("the site is %s, %v", stack.Status, err)
		}
	})
}

// killedAtAnyCall runs a command once to see its calls, then, each time in a new account, kills it at one of them and looks how it
// ends. Prepare makes what the command works on and gives its arguments.
func killedAtAnyCall(t *testing.T, prepare func(*testing.T, *localawstest.Account) []string, ends func(*testing.T, *localawstest.Account, []string)) {
	account := localawstest.New(t)
	b := standBetween(t, account)
	args := prepare(t, account)
	if said, err := deployer(t, account, b.URL, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for i, m := range moments(b.calls) {
		if testing.Short() && i%4 > 0 {
			continue // the race detector takes five times as long: with it some are tried, and all in the Makefile's other run
		}
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			account := localawstest.New(t)
			args := prepare(t, account)
			if !killAt(t, account, m, args...) && strings.HasSuffix(m.call, " 1") {
				t.Error("it came to its end before that")
			}
			ends(t, account, args)
		})
	}
}

// folder generates a site; one for production is protected before it is executed.
func folder(t *testing.T, version string, production bool) string {
	t.Helper()
	site := localawstest.Small("killed")
	site.Production = production
	site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", version, 1)
	return site.Write(t, t.TempDir())
}

func toUp(out string) []string {
	return []string{"up", "dev", "--yes-i-mean", "killed", "--folder", out}
}

// standsAsGenerated does what a person does who finds a deployment that nobody follows any more.
func standsAsGenerated(t *testing.T, account *localawstest.Account, args []string) {
	out := args[len(args)-1]
	deploys(t, account, "watch", "dev", "--folder", out)
	if root, err := client(account).Stack(t.Context(), "killed"); err == nil && root.Status.Succeeded() && !root.Protected {
		t.Errorf("the site is %s, and nothing protects it", root.Status)
	}
	deploys(t, account, args...)
	if said := deploys(t, account, "up", "dev", "--folder", out); !strings.Contains(said, "no changes") {
		t.Errorf("it is not what the folder says:\n%s", said)
	}
	root, err := client(account).Stack(t.Context(), "killed")
	if err != nil {
		t.Fatal(err)
	}
	if !root.Status.Succeeded() || !root.Protected {
		t.Errorf("the site is %s, protected: %v", root.Status, root.Protected)
	}
	noPlanIsLeft(t, account)
}

func noPlanIsLeft(t *testing.T, account *localawstest.Account) {
	t.Helper()
	left, err := client(account).ChangeSetsOf(t.Context(), "killed")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range left {
		if c.ExecutionStatus != "EXECUTE_COMPLETE" {
			t.Errorf("change set %s is left: %s, %s", c.Name, c.Status, c.ExecutionStatus)
		}
	}
}

// client is CloudFormation as somebody beside the deployers sees it.
func client(account *localawstest.Account) *cfn.Client {
	return cfn.New(account.Config())
}

// moment is when a deployer is killed: when a call arrives, or when it has been done and the answer is on its way. The last
// DescribeChangeSet of an up is the one after the question.
type moment struct {
	call string
	done bool
}

func (m moment) String() string {
	if m.done {
		return m.call + " done"
	}
	return m.call
}

// moments are those of a run that went well that can make a difference: the first call of each kind, the last one of each kind that
// is made over and over, and of what changes something also when it has been done.
func moments(calls []string) []moment {
	last := map[string]string{}
	for _, call := range calls {
		name, _, _ := strings.Cut(call, " ")
		last[name] = call
	}
	var all []moment
	for _, call := range calls {
		name, number, _ := strings.Cut(call, " ")
		if number == "1" || last[name] == call && (name == "DescribeChangeSet" || name == "DescribeStackEvents") {
			all = append(all, moment{call: call})
		}
		if number == "1" && changes(name) {
			all = append(all, moment{call, true})
		}
	}
	return all
}

// changes reports whether a call changes something, and is not one of the bucket's set-up: those come one after the other, and the
// arrival of the next one is the end of the one before.
func changes(name string) bool {
	for _, beginning := range []string{"Get", "Describe", "List", "GET", "HEAD", "PUT-bucket-"} {
		if strings.HasPrefix(name, beginning) {
			return false
		}
	}
	return true
}

// killAt lets a deployer run until a moment and ends it there as kill -9 does. False when it came to its end first.
func killAt(t *testing.T, account *localawstest.Account, m moment, args ...string) bool {
	t.Helper()
	killed := false
	_, err := in(t, account, m, func(process *os.Process) {
		killed = process.Kill() == nil
		panic(http.ErrAbortHandler)
	}, args...)
	return killed && err != nil
}

// in runs a deployer to its end and does something in one moment of it. It gives what the deployer said.
func in(t *testing.T, account *localawstest.Account, m moment, do func(*os.Process), args ...string) (said string, err error) {
	t.Helper()
	b := standBetween(t, account)
	cmd := deployer(t, account, b.URL, args...)
	started := make(chan struct{})
	b.act(m, func(call string) {
		if call == m.call {
			<-started
			do(cmd.Process)
		}
	})
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	err = cmd.Wait()
	b.Close() // and with it every call that is under way
	return out.String(), err
}
