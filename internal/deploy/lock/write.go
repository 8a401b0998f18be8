package lock

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"

	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/lockfile"
)

// write replaces a lock, whole or not at all, and reports whether it is another one now. It does not replace one that
// somebody has changed since it was read.
func (l *Lock) write(lock *lockfile.Lock, before []byte) (changed bool, err error) {
	text, err := lock.Encode()
	if err != nil {
		return false, err
	}
	file := filepath.FromSlash(lock.Path)
	now, err := os.ReadFile(file)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return false, fmt.Errorf("write the lock: %w", err)
	case !bytes.Equal(now, before):
		return false, outcome.Errorf(
			outcome.Failed, "%s was changed by somebody else meanwhile, and is left alone", file,
		).
			Advise("look at it, and run deploy lock %s again", l.Site.Environment)
	case err == nil && bytes.Equal(now, text):
		return false, nil
	}
	if err := maybe.WriteFile(file, text, 0o644); err != nil {
		return false, fmt.Errorf("write the lock: %w", err)
	}
	return true, nil
}
