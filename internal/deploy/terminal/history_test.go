package terminal_test

import (
	"bytes"
	"testing"
	"time"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/terminal"
)

// pastOf is a history with one of each ending.
func pastOf() (*deploy.Past, time.Time) {
	began := time.Date(2026, 11, 24, 2, 11, 5, 0, time.UTC)
	done := func(what, who string, from, to, failed status.Status, reason, note string, before, took time.Duration) operation.Operation {
		at := began.Add(-before)
		return operation.Operation{What: what, Who: who, Note: note, Operation: events.Operation{
			Began:  events.Event{Time: at, Status: from, Token: "deploy-" + what + "-" + who + "-x"},
			Last:   events.Event{Time: at.Add(took), Status: to, Reason: reason},
			Failed: failed,
		}}
	}
	return &deploy.Past{
		Site: "moodle-prod", Account: "111122223333", Region: "eu-central-1", Deployed: true, More: true, Unreadable: "without what was before: not authorized",
		Operations: []operation.Operation{
			done("up", "anna", "UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "", "", "exam week: <more> nodes", 0, 0),
			done("up", "ci", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_IN_PROGRESS", "", "", 30*time.Hour, 11*time.Minute),
			done("destroy", "ci", "DELETE_IN_PROGRESS", "UPDATE_COMPLETE", "", "Delete canceled. Cannot delete export x as it is in use by y.", "", 50*time.Hour, time.Second),
			done("update", "the console", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "", "", "", 90*time.Hour, 83*time.Second),
		},
	}, began.Add(4 * time.Minute)
}

func TestHistory(t *testing.T) {
	past, now := pastOf()
	var out, err bytes.Buffer
	(&terminal.Terminal{Out: &out, Err: &err}).History(past, "prod", now)
	golden(t, "history.txt", append(out.Bytes(), err.Bytes()...))
	var lines bytes.Buffer
	if err := terminal.WriteHistoryJSON(&lines, past, now); err != nil {
		t.Fatal(err)
	}
	golden(t, "history.jsonl", lines.Bytes())
}
