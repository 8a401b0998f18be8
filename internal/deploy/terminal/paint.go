package terminal

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"distributed-moodle/internal/cfn/changeset"
)

// Paint reports whether there is colour.
type Paint bool

func (p Paint) wrap(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p Paint) bold(text string) string   { return p.wrap("1", text) }
func (p Paint) dim(text string) string    { return p.wrap("2", text) }
func (p Paint) red(text string) string    { return p.wrap("31", text) }
func (p Paint) green(text string) string  { return p.wrap("32", text) }
func (p Paint) yellow(text string) string { return p.wrap("33", text) }

// action paints by what an action does.
func (p Paint) action(a changeset.Action, text string) string {
	switch {
	case a == changeset.Add || a == changeset.Import:
		return p.green(text)
	case a.MayRemoveExisting():
		return p.red(text)
	case a == changeset.Sync:
		return p.dim(text)
	}
	return p.yellow(text)
}

// pad fills up to a width in columns, whatever the escapes in the text.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-ansi.StringWidth(text)))
}
