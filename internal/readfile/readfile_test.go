package readfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"distributed-moodle/internal/readfile"
)

func TestOnlyWhatHasAnEndIsRead(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int64]string{9: "12345", 5: "12345", 4: "12345", 3: "1234"} {
		if got, err := readfile.Regular(path, most); err != nil || string(got) != want {
			t.Errorf("at most %d bytes: %q, %v; want %q", most, got, err, want)
		}
	}
	if _, err := readfile.Regular(folder, 9); !errors.Is(err, readfile.ErrNotRegular) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := readfile.Regular(filepath.Join(folder, "none"), 9); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
