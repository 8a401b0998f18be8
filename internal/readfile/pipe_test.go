//go:build unix

package readfile_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"distributed-moodle/internal/readfile"
)

// Nobody writes into it, so opening it would wait for ever.
func TestAPipeIsNotOpened(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readfile.Regular(pipe, 9); !errors.Is(err, readfile.ErrNotRegular) {
		t.Errorf("got %v", err)
	}
}
