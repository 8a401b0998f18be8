// Package terminal is how the deployer speaks to a person: a plan, the course of an operation, a result, a question, an
// error.
//
// The rules of its output:
//   - the answer of a command is written to standard output, and nothing else: it can be piped;
//   - its progress is written to standard error;
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

	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/printable"
)

// Terminal writes what a command says.
type Terminal struct {
	Out io.Writer // results
	Err io.Writer // progress

	In    io.Reader                   // answers
	Tty   io.Writer                   // questions; nil when nobody can answer
	Paint Paint                       // for Err
	Size  func() (columns, lines int) // of Err; nil when it is not a terminal on which something may be redrawn

	PaintOut Paint // for Out

	Cancels bool // an interrupt cancels what runs
	Streams bool // what is done is written to Out as a stream of JSON

	Typical Typical // how long things usually take; nil when nobody knows
}

// Open is the terminal of this process. Failed is called when something can't be written: a pipe whose reader is gone,
// a full disk.
func Open(failed func(error)) *Terminal {
	t := &Terminal{
		Out: &printable.Writer{To: os.Stdout, Failed: failed},
		Err: &printable.Writer{To: os.Stderr, Failed: failed}, In: os.Stdin,
	}
	dumb := os.Getenv("TERM") == "dumb"
	colour := os.Getenv("NO_COLOR") == "" && !dumb
	t.Paint = Paint(colour && term.IsTerminal(int(os.Stderr.Fd())))
	t.PaintOut = Paint(colour && term.IsTerminal(int(os.Stdout.Fd())))
	if term.IsTerminal(int(os.Stderr.Fd())) && !dumb && os.Getenv("CI") == "" {
		t.Size = size
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
			t.Tty = &printable.Writer{To: tty, Failed: failed}
		}
	}
	return t
}

// size is how much fits on the terminal now: it may be made wider while something runs.
func size() (columns, lines int) {
	columns, lines, err := term.GetSize(int(os.Stderr.Fd()))
	if err != nil {
		return 80, 24
	}
	return columns, lines
}

// Live reports whether progress is redrawn in place, and not printed line by line.
func (t *Terminal) Live() bool { return t.Size != nil }

// Plain takes the colours away.
func (t *Terminal) Plain() { t.Paint, t.PaintOut = false, false }

// Step says what is being done.
func (t *Terminal) Step(text string) { fmt.Fprintln(t.Err, t.Paint.dim(text+" …")) }

// Note says what somebody should know that is not a failure.
func (t *Terminal) Note(text string) { fmt.Fprintln(t.Err, "note: "+text) }

// Done says that a command has done what it was asked for.
func (t *Terminal) Done(text string) { fmt.Fprintln(t.Err, t.Paint.bold(text)) }

// Fail prints an error as the end of a command, and returns its exit code.
func (t *Terminal) Fail(err error) int {
	fmt.Fprintf(t.Err, "%s %v\n", t.Paint.red("deploy:"), err)
	if advice := outcome.AdviceOf(err); advice != "" {
		fmt.Fprintf(t.Err, "  %s\n", strings.ReplaceAll(advice, "\n", "\n  "))
	}
	return int(outcome.CodeOf(err))
}
