package terminal_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryFieldOfTheStreamIsDocumented holds the stream against docs/json.md: each event has its row, and each field of it is named there.
func TestEveryFieldOfTheStreamIsDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "json.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(page)) {
		if name, ok := strings.CutPrefix(line, "| `"); ok {
			name, rest, _ := strings.Cut(name, "`")
			rows[name] += rest
		}
	}
	stream, err := os.ReadFile(filepath.Join("testdata", "stream.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range bytes.Lines(stream) {
		fields := map[string]json.RawMessage{}
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Fatal(err)
		}
		event := strings.Trim(string(fields["event"]), `"`)
		row, ok := rows[event]
		if !ok {
			t.Errorf("docs/json.md has no row for the event %s", event)
		}
		if strings.Contains(row, "as `resource`") {
			row += rows["resource"]
		}
		for field := range fields {
			if field != "version" && field != "event" && field != "at" && !strings.Contains(row, "`"+field+"`") {
				t.Errorf("docs/json.md does not name the field %s of the event %s", field, event)
			}
		}
		seen[event] = true
	}
	for _, event := range []string{"step", "plan", "noChanges", "stack", "resource", "failure", "inventory", "way", "outputs", "done", "end"} {
		if !seen[event] {
			t.Errorf("the stream that is held against the page has no %s", event)
		}
	}
}
