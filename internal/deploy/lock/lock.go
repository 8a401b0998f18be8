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
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"distributed-moodle/internal/deploy/download"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/lockfile"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/mistake"
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

// Run resolves everything that the site wants, and writes the lock. What can't be resolved keeps its entry, if it has
// one, even a stale one, which the generator does not use; then Run returns an error that names it.
func (l *Lock) Run(ctx context.Context) error {
	file, old, err := l.read()
	if err != nil {
		return err
	}
	lock := &lockfile.Lock{Path: old.Path}
	var failures failures
	for _, want := range l.Site.Staged {
		before := old.Of(want.Name)
		fits := before != nil && before.Fits(want)
		entry, err := l.entry(ctx, want)
		if ctx.Err() != nil {
			return fmt.Errorf("write %s: %w", file, ctx.Err())
		}
		if err == nil {
			err = acceptable(lock.Path, entry)
		}
		switch {
		case err != nil:
			failures = append(failures, failure{want, before, err})
			if before != nil {
				lock.Entries = append(lock.Entries, *before)
			}
		case fits:
			lock.Entries = append(lock.Entries, l.keep(before, entry))
		default:
			lock.Entries = append(lock.Entries, entry)
		}
	}
	changed, err := l.write(lock, old.Text)
	if err != nil {
		return err
	}
	if len(failures) > 0 {
		return outcome.Errorf(outcome.Failed, "not everything could be locked:\n%w", failures).
			Advise("%s", failures.advice(l.Site))
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

// read returns the lock that is to be replaced, and its path.
func (l *Lock) read() (file string, old *lockfile.Lock, err error) {
	source := filepath.FromSlash(l.Site.Source)
	file = lockfile.PathOf(source)
	if _, err := os.Stat(source); err != nil {
		return "", nil, outcome.Errorf(outcome.Failed, "the lock is written beside the environment file: %w", err).
			Advise("run deploy lock in the folder that contains %s", l.Site.Source)
	}
	if err := l.checkSource(source); err != nil {
		return "", nil, err
	}
	old, err = lockfile.Read(file)
	if _, mistakes := errors.AsType[mistake.Mistakes](err); mistakes {
		return "", nil, outcome.Errorf(outcome.Failed, "read the lock that is to be replaced:\n%w", err).
			Advise("correct these lines, or delete %s, and run deploy lock %s again", file, l.Site.Environment)
	}
	return file, old, err
}

// acceptable returns why the generator would refuse an entry: a server can say anything.
func acceptable(path string, entry lockfile.Entry) error {
	text, err := (&lockfile.Lock{Path: path, Entries: []lockfile.Entry{entry}}).Encode()
	if err == nil {
		_, err = lockfile.Parse(path, text)
	}
	if mistakes, ok := errors.AsType[mistake.Mistakes](err); ok {
		first := mistakes[0]
		return fmt.Errorf("what the server says would be refused in a lock: %s: %s", first.Key, first.Message)
	}
	return err
}

// checkSource refuses a folder that was generated from other bytes than those of the environment file: the lock would
// be about what that file said before.
func (l *Lock) checkSource(source string) error {
	content, err := os.ReadFile(source)
	switch {
	case l.Site.SourceSHA256 == "":
		return nil
	case err != nil:
		return outcome.Errorf(outcome.Failed, "compare the folder with the file that it was generated from: %w", err)
	case manifest.Checksum(content) == l.Site.SourceSHA256:
		return nil
	}
	const another = "the folder of %s was generated from another %s than there is now"
	return outcome.Errorf(outcome.Refused, another, l.Site.Environment, l.Site.Source).
		Advise("%s, then run deploy lock %s again", l.Site.Application.Regenerate(), l.Site.Environment)
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
		verified = httpsAlone + ": no checksum is published beside it, compare it with what its maker says"
	} else if err != nil {
		return err
	} else if want, err = readChecksum(text, path.Base(o.URL)); err != nil {
		return fmt.Errorf("read %s: %w", o.Checksum, err)
	}
	content, err := l.Get(ctx, o.URL, manifest.LargestStaged)
	if err != nil {
		return err
	}
	if err := archive(o.URL, content); err != nil {
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

// httpsAlone begins how a file was verified that nobody has published a checksum of.
const httpsAlone = "https alone"

// archive returns an error if a file is not what its name says: a proxy or a network with a login answers with a page.
func archive(address string, content []byte) error {
	packed := strings.HasSuffix(address, ".tgz") || strings.HasSuffix(address, ".gz")
	if !packed || bytes.HasPrefix(content, []byte{0x1f, 0x8b}) { // RFC 1952, 2.3.1
		return nil
	}
	return fmt.Errorf(
		"%s is not an archive: its %d bytes begin with %s; has a proxy or a login page answered?", address,
		len(content),
		mistake.Show(string(content[:min(len(content), 20)])),
	)
}

func fill(e *lockfile.Entry, address string, content []byte, verified string) {
	e.Address, e.SHA256, e.Size, e.Verified = address, manifest.Checksum(content), int64(len(content)), verified
}
