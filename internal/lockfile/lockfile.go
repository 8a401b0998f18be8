// Package lockfile reads and writes environments/<environment>.lock: the reviewed record of every file that the nodes
// of a site take from outside AWS, with its address and checksum.
//
// The deployer writes it (deploy lock), a person reviews it, the generator reads it. docs/decisions/007-lock.md says
// why.
package lockfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/mistake"
	"distributed-moodle/internal/readfile"
)

// Extension is that of a lock; its name is that of the environment file otherwise.
const Extension = ".lock"

// mostBytes is the largest lock that is read: 200 plugins and as many language packs have some 150 KiB.
const mostBytes = 1 << 20

// Lock is what a lock says. The zero value has no entry, as a lock that does not exist.
type Lock struct {
	Path    string // as it was named, with forward slashes
	Entries []Entry

	Text []byte // as it was read; nil if there is no file
}

// Entry is one file from outside.
type Entry struct {
	Thing        string // manifest.Staged.Name
	Version      string // 5.3, 3.3.0-1; empty for what has none
	Architecture string // arm64 or amd64; empty for both
	Region       string // empty for all regions
	Address      string // https, or the path that the environment file gives
	SHA256       string // 64 hexadecimal digits in lower case
	Size         int64  // in bytes
	Date         string // when it was fetched: 2026-11-28
	Verified     string // how, in words

	// Certificates are the thing itself where its address has another content from time to time: certificates, each in
	// PEM. SHA256 and Size are those of [Entry.Bundle] then.
	Certificates []string

	places map[string]place // of the fields, and of the entry itself at ""
}

// Bundle returns the certificates as one file.
func (e *Entry) Bundle() []byte { return []byte(strings.Join(e.Certificates, "")) }

// Authorities returns whose certificates the entry contains. They were read before: by [Parse], or by [Authority].
func (e *Entry) Authorities() (all []manifest.Authority) {
	for _, text := range e.Certificates {
		if a, err := Authority(text); err == nil {
			all = append(all, a)
		}
	}
	return all
}

// place is a line and column of the file, counted from 1.
type place struct{ line, column int }

// mistake returns a mistake at a field of the entry, or at the entry where the field is not given.
func (e *Entry) mistake(path, field, format string, args ...any) mistake.Mistake {
	at, ok := e.places[field]
	if !ok {
		at = e.places[""]
	}
	key := e.Thing
	if field != "" {
		key += ": " + field
	}
	return mistake.Mistake{
		Path: path, Line: at.line, Column: at.column, Key: key, Message: fmt.Sprintf(format, args...),
	}
}

// PathOf returns the path of the lock of an environment file.
func PathOf(environmentFile string) string {
	return strings.TrimSuffix(environmentFile, ".yaml") + Extension
}

// Read reads a lock. One that does not exist is a lock without entries. The error is of type [mistake.Mistakes], except
// where the file itself can't be read.
func Read(path string) (*Lock, error) {
	content, err := readfile.Regular(path, mostBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Lock{Path: filepath.ToSlash(path)}, nil
	case errors.Is(err, readfile.ErrNotRegular):
		const again = "it is not a file; remove it, and write the lock again with deploy lock"
		return nil, fmt.Errorf("read the lock %s: %s", filepath.ToSlash(path), again)
	case err != nil:
		return nil, fmt.Errorf("read the lock: %w", err)
	}
	lock, err := Parse(filepath.ToSlash(path), content)
	if err != nil {
		return nil, err
	}
	lock.Text = content
	return lock, nil
}

// Of returns the entry of a thing, or nil.
func (l *Lock) Of(thing string) *Entry {
	for i := range l.Entries {
		if l.Entries[i].Thing == thing {
			return &l.Entries[i]
		}
	}
	return nil
}
