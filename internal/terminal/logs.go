package terminal

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"distributed-moodle/internal/nodes"
)

// LogLine prints one line of a node's log: time, node, text. What a log holds comes from outside and steers no terminal.
func (t *Terminal) LogLine(l nodes.Line) {
	text := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' {
			return -1
		}
		return r
	}, ansi.Strip(strings.TrimRight(l.Text, "\r\n")))
	fmt.Fprintf(t.Out, "%s  %s  %s\n", l.Time.Format("2006-01-02 15:04:05.000"), l.Stream, text)
}
