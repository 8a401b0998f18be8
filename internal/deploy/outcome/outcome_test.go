package outcome_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"distributed-moodle/internal/deploy/outcome"
)

func TestTheOutermostDecides(t *testing.T) {
	inner := outcome.Errorf(outcome.Refused, "no").Advise("ask %s", "jane")
	for _, test := range []struct {
		err    error
		code   outcome.Code
		advice string
	}{
		{nil, outcome.Done, ""},
		{errors.New("x"), outcome.Failed, ""},
		{inner, outcome.Refused, "ask jane"},
		{fmt.Errorf("wrapped: %w", inner), outcome.Refused, "ask jane"},
		{outcome.Errorf(outcome.RolledBack, "outer: %w", inner), outcome.RolledBack, "ask jane"},
		{outcome.Errorf(outcome.RolledBack, "outer: %w", inner).Advise("try again"), outcome.RolledBack, "try again"},
		{&outcome.Error{Code: outcome.Failed, Err: inner, First: "sign in"}, outcome.Failed, "sign in\nask jane"},
		{outcome.Errorf(outcome.Failed, "outer: %w", &outcome.Error{Err: errors.New("x"), First: "sign in"}), outcome.Failed, "sign in"},
	} {
		if code, advice := outcome.CodeOf(test.err), outcome.AdviceOf(test.err); code != test.code || advice != test.advice {
			t.Errorf("%v: %d %q, want %d %q", test.err, code, advice, test.code, test.advice)
		}
	}
}

func TestTheTableHasEveryCode(t *testing.T) {
	for _, code := range []outcome.Code{
		outcome.Done, outcome.Failed, outcome.ChangesWaiting, outcome.Refused, outcome.RolledBack, outcome.NeedsRecovery, outcome.Interrupted,
	} {
		if !strings.Contains(outcome.Table, fmt.Sprintf("\n  %d ", code)) {
			t.Errorf("the table lacks %d", code)
		}
	}
}
