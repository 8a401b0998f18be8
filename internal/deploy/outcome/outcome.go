// Package outcome says how a command ended: the one table of exit codes, and errors that carry what to do next.
//
// An error that reaches the terminal is one line of cause and one line of advice. Whoever knows the advice attaches it
// where the error happens, with [Errorf] and [Error.Advise]; whoever runs the command reads [CodeOf] and [AdviceOf] and
// knows nothing else about it.
package outcome

import (
	"cmp"
	"errors"
	"fmt"
)

// Code is a process's exit code.
type Code int

// The exit codes of every command.
const (
	Done           Code = 0   // done, or nothing to do
	Failed         Code = 1   // an error: nothing was deployed
	ChangesWaiting Code = 2   // there are changes; nothing was asked to be done about them
	Refused        Code = 3   // a gate refused, or the person said no
	RolledBack     Code = 4   // the deployment failed and CloudFormation went back to what was there before
	NeedsRecovery  Code = 5   // the stack is in a state that a deployment can't start from
	Interrupted    Code = 130 // interrupted by the person
)

// Table is what the help of a command prints about its exit codes.
const Table = `Exit codes:
  0    done, or nothing to do
  1    error
  2    changes are waiting
  3    refused: by a check, or by the answer to a question
  4    failed, and rolled back
  5    the stack must be recovered first
  130  interrupted`

// Error is an error that decides the exit code and may say what to do next.
type Error struct {
	Code   Code
	Err    error
	Advice string // one sentence, or none
	First  string // what must be done before any advice in the chain is of use, or ""
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Advise adds what to do next.
func (e *Error) Advise(format string, args ...any) *Error {
	e.Advice = fmt.Sprintf(format, args...)
	return e
}

// Errorf makes an error with its exit code; %w works as in [fmt.Errorf].
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// CodeOf is the exit code that an error stands for: that of the outermost [Error] in its chain, else [Failed].
func CodeOf(err error) Code {
	if err == nil {
		return Done
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Failed
}

// AdviceOf is what to do about an error, or "": what must be done first, then the outermost advice in its chain.
func AdviceOf(err error) string {
	first, advice := "", ""
	for e, ok := errors.AsType[*Error](err); ok; e, ok = errors.AsType[*Error](e.Err) {
		first, advice = cmp.Or(first, e.First), cmp.Or(advice, e.Advice)
	}
	if first != "" && advice != "" {
		first += "\n"
	}
	return first + advice
}
