// Package page writes an operation's timeline as one HTML file that needs nothing else: no network, no script, no font.
// It adapts to a phone and to paper, to light and to dark, and says in words what it shows in colours.
package page

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/history"
)

// Page is what the page shows.
type Page struct {
	Site    string
	Account string
	Region  string
	What    string        // up, destroy, …
	Who     string        // "" when nothing says it
	Note    string        // of the change set, often ""
	Status  status.Status // of the root stack, at the end or now
	Result  events.Result
	Well    bool // it did what was asked
	Looked  time.Time
	Cause   *Cause // nil when nothing failed

	Timeline *history.Timeline
}

// Cause is the first real cause of a failure, in words.
type Cause struct {
	Name    string // logical ids from the root on, with slashes
	Type    string
	Status  status.Status
	Reason  string // CloudFormation's
	Meaning string // ours; "" when the cause is none that is known
	Advice  string
}

// mark is near the beginning of every page.
const mark = `<meta name="generator" content="deploy history">`

// Is reports whether a file's content is such a page, so that none of somebody's own is written over.
func Is(text []byte) bool { return bytes.Contains(text[:min(len(text), 500)], []byte(mark)) }

// Write writes a page.
func Write(w io.Writer, p Page) error {
	_, err := io.WriteString(w, draw(p).html().String())
	return err
}

// clock is a time of day in UTC.
func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// short is a time since the beginning as minutes and seconds, such as +9:43, or with hours, +1:02:03.
func short(d time.Duration) string { return "+" + sexagesimal(d) }

func sexagesimal(d time.Duration) string {
	seconds := int(d.Round(time.Second).Seconds())
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// Took is a duration in words as short as they can be: 0.4 s, 12 s, 3 min 5 s, 1 h 20 min.
func Took(d time.Duration) string {
	switch seconds := int(d.Round(time.Second).Seconds()); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 3600 && seconds%60 == 0:
		return fmt.Sprintf("%d min", seconds/60)
	case seconds < 3600:
		return fmt.Sprintf("%d min %d s", seconds/60, seconds%60)
	default:
		return fmt.Sprintf("%d h %d min", seconds/3600, seconds/60%60)
	}
}
