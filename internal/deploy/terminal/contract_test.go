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
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "json.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(string(page))
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
	for _, event := range []string{"step", "plan", "noChanges", "stack", "resource", "failure", "inventory", "recovery", "outputs", "done", "end"} {
		if !seen[event] {
			t.Errorf("the stream that is held against the page has no %s", event)
		}
	}
}

func rowsOf(page string) map[string]string {
	rows := map[string]string{}
	for line := range strings.Lines(page) {
		if name, ok := strings.CutPrefix(line, "| `"); ok {
			name, rest, _ := strings.Cut(name, "`")
			rows[name] += rest
		}
	}
	return rows
}

// TestEveryFieldOfAnAnswerIsDocumented holds what commands answer against docs/json.md, down to the fields of lists.
func TestEveryFieldOfAnAnswerIsDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "json.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(string(page))
	for command, file := range map[string]string{"drift": "drift.json", "history": "history.jsonl"} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		for decoder := json.NewDecoder(bytes.NewReader(text)); decoder.More(); {
			var answer any
			if err := decoder.Decode(&answer); err != nil {
				t.Fatal(err)
			}
			for _, field := range fieldsOf(answer) {
				if !strings.Contains(rows[command], "`"+field+"`") {
					t.Errorf("docs/json.md does not name the field %s of deploy %s --json", field, command)
				}
			}
		}
	}
}

func fieldsOf(value any) []string {
	var all []string
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			all = append(append(all, key), fieldsOf(inner)...)
		}
	case []any:
		for _, inner := range v {
			all = append(all, fieldsOf(inner)...)
		}
	}
	return all
}
