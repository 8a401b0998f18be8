package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/google/renameio/v2/maybe"

	"distributed-moodle/internal/deploy/history/page"
	"distributed-moodle/internal/deploy/outcome"
)

// Timeline draws one operation of a site's history into a file.
type Timeline struct {
	History *History
	Number  int    // of the operation, 1 being the newest
	File    string // written whole or not at all, for its owner only: it names accounts and resources
	Done    func(text string)
}

// Run writes the file, unless something else is in its place.
func (t *Timeline) Run(ctx context.Context) error {
	if err := t.checkFile(); err != nil {
		return err
	}
	drawn, err := t.History.Page(ctx, t.Number, time.Now())
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := page.Write(&text, *drawn); err != nil {
		return err
	}
	if err := maybe.WriteFile(t.File, text.Bytes(), 0o600); err != nil {
		return outcome.Errorf(outcome.Failed, "write the timeline: %w", err).
			Advise("name a file in a writable folder with --html")
	}
	by := drawn.What
	if drawn.Who != "" {
		by += " by " + drawn.Who
	}
	t.Done(
		fmt.Sprintf(
			"%s of %s (%s), is drawn in %s", by, drawn.Timeline.Began.UTC().Format("2006-01-02 15:04 UTC"),
			drawn.Result, t.File,
		),
	)
	return nil
}

// checkFile refuses a file that is there and holds no older page.
func (t *Timeline) checkFile() error {
	text, err := os.ReadFile(t.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return outcome.Errorf(outcome.Failed, "write the timeline: %w", err).Advise("name a file with --html")
	case !page.Is(text):
		return outcome.Errorf(outcome.Refused, "%s exists and is not a timeline of deploy history", t.File).
			Advise("name another file with --html; nothing was written")
	}
	return nil
}
