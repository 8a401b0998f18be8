// Package acceptfile reads and writes environments/<environment>.accept: the reviewed record of findings of the
// deployer that are accepted, each bound to what was found, with the reason.
//
// The deployer writes it (deploy plan --write-accept), a person gives the reasons and reviews it, and every command
// that plans or deploys reads it. It is never copied into a generated folder or a plan file.
package acceptfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"distributed-moodle/internal/readfile"

	"gopkg.in/yaml.v3"
)

// Extension is that of an accept file; its name is that of the environment file otherwise.
const Extension = ".accept"

// mostBytes is the largest accept file that is read.
const mostBytes = 1 << 20

// File is what an accept file says. The zero value has no entry, as a file that does not exist.
type File struct {
	Path    string // as it was named, with forward slashes
	Entries []Entry
}

// Entry accepts one finding.
type Entry struct {
	Code     string
	Subject  string // as the finding names it, whole: Data/Database
	Checksum string // of what was found: 12 hexadecimal digits
	Reason   string
	Until    string // the last day on which it holds: 2027-06-30; "" for no end

	Sentence string // the finding in words, for a comment; only written

	line int
	node *yaml.Node // as it was read
}

// Place returns where an entry is in the file.
func (f *File) Place(e Entry) string { return fmt.Sprintf("%s:%d", f.Path, e.line) }

// PathOf returns the path of the accept file of an environment file.
func PathOf(environmentFile string) string {
	return strings.TrimSuffix(environmentFile, ".yaml") + Extension
}

// Read reads an accept file. One that does not exist has no entries. Codes are those that there are; now is when the
// entries have to hold. The error is of type [mistake.Mistakes], except where the file itself can't be read.
func Read(path string, codes []string, now time.Time) (*File, error) {
	content, err := readfile.Regular(path, mostBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &File{Path: filepath.ToSlash(path)}, nil
	case errors.Is(err, readfile.ErrNotRegular):
		return nil, fmt.Errorf("read the accept file %s: it is not a file", filepath.ToSlash(path))
	case err != nil:
		return nil, fmt.Errorf("read the accept file: %w", err)
	}
	return Parse(filepath.ToSlash(path), content, codes, now)
}
