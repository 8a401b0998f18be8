// Package terminal is how the deployer speaks to a person: a plan, the course of an operation, a result, a question, an error.
//
// The rules of its output:
//   - what a command is asked for goes to standard output, and nothing else: it can be piped;
//   - how it goes goes to standard error;
//   - a question goes to the terminal itself, and is asked only when somebody can answer;
//   - an error is one line of cause and one line of what to do, in lower case and without a full stop;
//   - there is colour only on a terminal that wants it, and never a meaning that only the colour has.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"distributed-moodle/internal/outcome"
)

// Terminal is where a command's words go.
type Terminal struct {
	Out io.Writer // results
	Err io.Writer // progress

	In    io.Reader // answers
	Tty   io.Writer // questions; nil when nobody can answer
	Paint Paint     // for Err
	Width int       // columns of Err, 0 when it is no terminal

	Cancels bool // an interrupt cancels what runs
}

// Open is the terminal of this process.
func Open() *Terminal {
	t := &Terminal{Out: os.Stdout, Err: os.Stderr, In: os.Stdin}
	if term.IsTerminal(int(os.Stderr.Fd())) {
		t.Paint = Paint(os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
		t.Width, _, _ = term.GetSize(int(os.Stderr.Fd()))
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
			t.Tty = tty
		}
	}
	return t
}

// Step says what is being done.
func (t *Terminal) Step(text string) { fmt.Fprintln(t.Err, t.Paint.dim(text+" …")) }

// Done says that a command has done what it was asked for.
func (t *Terminal) Done(text string) { fmt.Fprintln(t.Err, t.Paint.bold(text)) }

// Fail prints an error as the last words of a command and gives its exit code.
func (t *Terminal) Fail(err error) int {
	fmt.Fprintf(t.Err, "%s %v\n", t.Paint.red("deploy:"), err)
	if advice := outcome.AdviceOf(err); advice != "" {
		fmt.Fprintf(t.Err, "  %s\n", strings.ReplaceAll(advice, "\n", "\n  "))
	}
	return int(outcome.CodeOf(err))
}
