// Package lock finds out which files a site takes from outside AWS, fetches and verifies them, and writes them into the
// site's lock for review.
//
// What is wanted, and where its maker publishes it, is in the manifest. A checksum that comes from the same place as
// the file proves only that the file is whole; the lock says so (verified), and the reviewed checksum is what is
// trusted from then on.
package lock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"distributed-moodle/internal/deploy/download"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/lockfile"
	"distributed-moodle/internal/manifest"
)

// View shows what is being done.
type View interface {
	Step(text string)
	Note(text string)
	Done(text string)
}

// Lock writes the lock of a site.
type Lock struct {
	Site  *manifest.Manifest
	Get   download.Func
	Today time.Time
	View  View
}

// Run resolves everything that the site wants, and writes the lock. What can't be resolved keeps its entry if that is
// still about the right file, and has none otherwise; then Run returns an error that names it.
func (l *Lock) Run(ctx context.Context) error {
	if err := l.checkSource(); err != nil {
		return err
	}
	file := lockfile.PathOf(filepath.FromSlash(l.Site.Source))
	old, err := lockfile.Read(file)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "read the lock that is to be replaced:\n%w", err).
			Advise("correct these lines, or delete %s, and run deploy lock %s again", file, l.Site.Environment)
	}
	lock := &lockfile.Lock{Path: old.Path}
	var failed []string
	for _, want := range l.Site.Staged {
		before := old.Of(want.Name)
		if before != nil && !before.Fits(want) {
			before = nil
		}
		entry, err := l.entry(ctx, want)
		if ctx.Err() != nil {
			return fmt.Errorf("write %s: %w", file, ctx.Err())
		}
		switch {
		case err == nil:
			lock.Entries = append(lock.Entries, l.keep(before, entry))
		case before != nil:
			lock.Entries = append(lock.Entries, *before)
			failed = append(failed, fmt.Sprintf("  %s: %v; it keeps its entry of %s", want.Name, err, before.Date))
		default:
			failed = append(failed, fmt.Sprintf("  %s: %v; it has no entry", want.Name, err))
		}
	}
	changed, err := write(lock)
	if err != nil {
		return err
	}
	if len(failed) > 0 {
		return outcome.Errorf(outcome.Failed, "not everything could be locked:\n%s", strings.Join(failed, "\n")).
			Advise("run deploy lock %s again where the addresses can be reached, or give a mirror's address and the checksum in %s; nodes can't start without these files",
				l.Site.Environment, l.Site.Source)
	}
	if !changed {
		l.View.Done(fmt.Sprintf("%s is up to date: %d entries", file, len(lock.Entries)))
		return nil
	}
	l.View.Done(fmt.Sprintf(
		"%s has %d entries; review it, then %s", file, len(lock.Entries), l.Site.Application.Regenerate(),
	))
	return nil
}

// checkSource refuses a folder that was generated from other bytes than those of the environment file: the lock would be
// about what that file said before. Where only the folder is, there is nothing to compare.
func (l *Lock) checkSource() error {
	content, err := os.ReadFile(filepath.FromSlash(l.Site.Source))
	switch {
	case errors.Is(err, fs.ErrNotExist) || l.Site.SourceSHA256 == "":
		return nil
	case err != nil:
		return outcome.Errorf(outcome.Failed, "compare the folder with the file that it was generated from: %w", err)
	case manifest.Checksum(content) == l.Site.SourceSHA256:
		return nil
	}
	const another = "the folder of %s was generated from another %s than there is now"
	return outcome.Errorf(outcome.Refused, another, l.Site.Environment, l.Site.Source).Advise("%s, then run deploy lock %s again", l.Site.Application.Regenerate(), l.Site.Environment)
}

// keep returns the entry of before if nothing but the date is new, so that a lock changes only when a file does. It
// says when a file is another one under the same version.
func (l *Lock) keep(before *lockfile.Entry, entry lockfile.Entry) lockfile.Entry {
	if before == nil {
		return entry
	}
	if before.SHA256 == entry.SHA256 {
		if before.Address == entry.Address && before.Verified == entry.Verified && before.Version == entry.Version {
			return *before
		}
		return entry
	}
	if before.Version == entry.Version && len(entry.Certificates) == 0 {
		l.View.Step(fmt.Sprintf(
			"%s is another file than on %s, under the same version %s: review why", entry.Thing, before.Date,
			entry.Version,
		))
	}
	return entry
}

// entry resolves one thing.
func (l *Lock) entry(ctx context.Context, want manifest.Staged) (lockfile.Entry, error) {
	e := lockfile.Entry{
		Thing: want.Name, Version: want.Version, Architecture: want.Architecture, Region: want.Region,
		Date: l.Today.UTC().Format(time.DateOnly),
	}
	if want.Given() {
		return e, l.given(ctx, want, &e)
	}
	switch o := want.Origin; o.Kind {
	case manifest.OriginFile:
		return e, l.published(ctx, o, &e)
	case manifest.OriginApt:
		return e, l.packaged(ctx, want, &e)
	case manifest.OriginCertificates:
		return e, l.certificates(ctx, o, &e)
	}
	return e, fmt.Errorf(
		"this program does not know origins of kind %q; use the version that generated the folder", want.Origin.Kind,
	)
}

// given takes the file whose address and checksum the environment file gives.
func (l *Lock) given(ctx context.Context, want manifest.Staged, e *lockfile.Entry) error {
	if want.SHA256 == "" {
		return errors.New("the folder names neither a checksum nor where it is published: generate it again")
	}
	l.View.Step("fetching " + want.Name + " from " + want.URL)
	content, err := download.Read(ctx, l.Get, filepath.Dir(filepath.FromSlash(l.Site.Source)), want.URL)
	if err != nil {
		return err
	}
	if got := manifest.Checksum(content); got != want.SHA256 {
		return fmt.Errorf("%s has the SHA-256 %s, and %s says %s", want.URL, got, l.Site.Source, want.SHA256)
	}
	fill(e, want.URL, content, "the checksum in the environment file")
	return nil
}

// published takes a file that is published together with its checksum.
func (l *Lock) published(ctx context.Context, o *manifest.Origin, e *lockfile.Entry) error {
	l.View.Step("fetching " + e.Thing + " from " + o.URL)
	const largestChecksum = 64 << 10
	verified, want := "https, and the checksum that is published beside it", ""
	text, err := l.Get(ctx, o.Checksum, largestChecksum)
	if status, ok := errors.AsType[*download.StatusError](err); ok && status.Code == 404 {
		verified = "https alone: no checksum is published beside it, compare it with what its maker says"
	} else if err != nil {
		return err
	} else if want, err = readChecksum(text, path.Base(o.URL)); err != nil {
		return fmt.Errorf("read %s: %w", o.Checksum, err)
	}
	content, err := l.Get(ctx, o.URL, download.Largest)
	if err != nil {
		return err
	}
	if got := manifest.Checksum(content); want != "" && got != want {
		return fmt.Errorf(
			"%s has the SHA-256 %s, and %s says %s: the file is not whole or not the right one", o.URL, got,
			o.Checksum, want,
		)
	}
	fill(e, o.URL, content, verified)
	return nil
}

func fill(e *lockfile.Entry, address string, content []byte, verified string) {
	e.Address, e.SHA256, e.Size, e.Verified = address, manifest.Checksum(content), int64(len(content)), verified
}

// write replaces a lock, whole or not at all, and reports whether it is another one now.
func write(lock *lockfile.Lock) (changed bool, err error) {
	text, err := lock.Encode()
	if err != nil {
		return false, err
	}
	if _, err := lockfile.Parse(lock.Path, text); err != nil {
		return false, fmt.Errorf("the new lock would be refused by the generator:\n%w", err)
	}
	file := filepath.FromSlash(lock.Path)
	if before, err := os.ReadFile(file); err == nil && bytes.Equal(before, text) {
		return false, nil
	}
	if err := renameio.WriteFile(file, text, 0o644); err != nil {
		return false, fmt.Errorf("write the lock: %w", err)
	}
	return true, nil
}
