package terminal

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"distributed-moodle/internal/deploy/outcome"
)

// Confirm asks a question that only a yes answers with yes.
func (t *Terminal) Confirm(ctx context.Context, question string) (bool, error) {
	answer, err := t.ask(ctx, question+" [y/N] ")
	if err != nil {
		return false, err
	}
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", nil
}

// Type asks that a word be typed, and reports whether it was.
func (t *Terminal) Type(ctx context.Context, question, word, instead string) (bool, error) {
	if err := t.CanAsk(instead); err != nil {
		return false, err
	}
	answer, err := t.ask(ctx, question+" ")
	return answer == word, err
}

// CanAsk reports whether there is somebody to ask; if not, its error names what to pass instead, "" being nothing.
func (t *Terminal) CanAsk(instead string) error {
	if t.Tty != nil {
		return nil
	}
	err := outcome.Errorf(outcome.Refused, "cannot ask for confirmation: standard input is not a terminal")
	if instead == "" {
		return err.Advise("run it on a terminal")
	}
	return err.Advise("pass %s to go on without a question", instead)
}

// ask prints a question and reads a line. The reading goes on in the background when ctx ends first; the process ends
// then.
func (t *Terminal) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(t.Tty, question)
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(t.In).ReadString('\n')
		answers <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(t.Tty)
		return "", outcome.Errorf(outcome.Interrupted, "interrupted; nothing was changed")
	case answer := <-answers:
		return answer, nil
	}
}
