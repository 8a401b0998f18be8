package deploy_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/terminal"
)

// cancelling deploys with --cancel-on-interrupt, interrupted so long after something was said.
func (m *memory) cancelling(version, after string, wait time.Duration, answer bool) (*run, error) {
	m.t.Helper()
	ctx, interrupt := context.WithCancel(m.t.Context())
	defer interrupt()
	r := m.run(version)
	r.ctx, r.answer = ctx, func() bool { return answer }
	seen := false
	r.onStep = func(text string) {
		if text == after && !seen {
			seen = true
			time.AfterFunc(wait, interrupt)
		}
	}
	planner, err := r.planner()
	if err != nil {
		m.t.Fatal(err)
	}
	planner.View = view{&terminal.Progress{Terminal: &terminal.Terminal{Out: &r.stdout, Err: &r.stderr, Cancels: true}}, r}
	return r, (&deploy.Up{Planner: planner, Consent: deploy.Consent{Meant: "memory"}}).Run(ctx)
}

// A minute after the plan is checked the site's resource hangs; before that it depends on the moment what an interrupt finds.
func TestAnInterruptCancelsAnUpdateInAnyMoment(t *testing.T) {
	for wait := 50 * time.Millisecond; wait < 12*time.Second; wait += 330 * time.Millisecond {
		inMemory(t, "v1", func(m *memory) {
			m.account.Takes("App/Version", 4*time.Second)
			r, err := m.cancelling("v2", "checking the plan", wait, false)
			m.settle()
			switch code := outcome.CodeOf(err); {
			case err == nil: // it was over before
			case code != outcome.Interrupted:
				t.Errorf("after %v: %v", wait, err)
			case strings.Contains(err.Error(), "was cancelled") && m.account.Stack("memory").Status != "UPDATE_ROLLBACK_COMPLETE",
				strings.Contains(err.Error(), "continues in AWS") && !strings.Contains(r.stderr.String(), "it is too late to cancel: memory is UPDATE"),
				strings.Contains(err.Error(), "too late") && m.version() != "v2":
				t.Errorf("after %v: %v, and the stack is %s\n%s", wait, err, m.account.Stack("memory").Status, &r.stderr)
			}
			if left := m.waiting(); left != nil {
				t.Errorf("after %v plans are left: %v", wait, left)
			}
		})
	}
}

func TestAnInterruptOfACreationAsks(t *testing.T) {
	inMemory(t, "", func(m *memory) {
		m.account.Hangs("App/Version")
		_, err := m.cancelling("v2", "checking the plan", time.Minute, false)
		wantCode(m.t, err, outcome.Interrupted, "the operation continues in AWS", "deploy watch dev")
		if got := m.account.Stack("memory").Status; got != "CREATE_IN_PROGRESS" {
			m.t.Errorf("nobody said yes, and it is %s", got)
		}
	})
	inMemory(t, "", func(m *memory) {
		m.account.Hangs("App/Version")
		r, err := m.cancelling("v2", "checking the plan", time.Minute, true)
		wantCode(m.t, err, outcome.Interrupted, "the creation was cancelled; memory is deleted")
		wantWords(m.t, r.question, "A creation can't be cancelled. Delete memory with all that is in it?")
		if got := m.account.Stack("memory").Status; got != "DELETE_COMPLETE" {
			m.t.Errorf("it was to be deleted, and is %s", got)
		}
	})
}

// In the moment in which the update is to be cancelled it comes to its end.
func TestACancellationThatComesTooLateSaysSo(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		m.account.Hangs("App/Version")
		m.account.Before("CancelUpdateStack", 0, func() {
			m.account.Release("App/Version")
			m.settle()
		})
		r, err := m.cancelling("v2", "checking the plan", time.Minute, false)
		wantCode(m.t, err, outcome.Interrupted, "the operation continues", "deploy watch dev")
		wantWords(m.t, r.stderr.String(), "it is too late to cancel: memory is UPDATE_COMPLETE")
		if m.version() != "v2" {
			m.t.Errorf("%q stands", m.version())
		}
	})
}
