package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/printable"
)

// LogLine prints one line of a node's log: time, node, text. What a log holds comes from outside and steers no
// terminal.
func (t *Terminal) LogLine(l nodes.Line) {
	text := printable.Line(ansi.Strip(strings.TrimRight(l.Text, "\r\n")))
	fmt.Fprintf(t.Out, "%s  %s  %s\n", l.Time.Format("2006-01-02 15:04:05.000"), printable.Line(l.Stream), text)
}

// LogLineJSON prints one line of a node's log as one JSON object in a line.
func (t *Terminal) LogLineJSON(l nodes.Line) {
	text, err := json.Marshal(logLineJSON{StreamVersion, l.Time.UTC(), l.Stream, l.Text})
	if err != nil {
		panic(err) // a struct of texts and a time
	}
	fmt.Fprintln(t.Out, string(text))
}

// WriteShellJSON writes which node a shell would open on, and the command that opens it.
func WriteShellJSON(w io.Writer, n nodes.Node, command []string) error {
	return writeJSON(w, shellJSON{StreamVersion, n.ID, n.Zone, n.State, command})
}

type logLineJSON struct {
	Version int       `json:"version"`
	Time    time.Time `json:"time"`
	Stream  string    `json:"stream"` // node and log
	Text    string    `json:"text"`
}

type shellJSON struct {
	Version int      `json:"version"`
	Node    string   `json:"node"`
	Zone    string   `json:"zone"`
	State   string   `json:"state"`
	Command []string `json:"command"`
}
