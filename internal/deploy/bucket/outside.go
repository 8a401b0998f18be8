package bucket

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"distributed-moodle/internal/deploy/download"
	"distributed-moodle/internal/manifest"
)

// errElsewhere is the error of a place that does not have a file, which is not a failure.
var errElsewhere = errors.New("it is not here")

// Source is where the reviewed bytes of files from outside come from: the first place that has them. It never returns
// other bytes than those of the checksum.
type Source struct {
	Folder string        // of the environment file: a path instead of an address is relative to it
	From   string        // a folder with files of any name; "" is none
	Others *Others       // the buckets of the account's other sites; nil asks none
	Get    download.Func // fetches an https address
}

// Fetch returns a file whose checksum is the reviewed one, and says where it comes from before it is fetched.
func (s *Source) Fetch(ctx context.Context, f manifest.Staged, say func(string)) ([]byte, error) {
	places := []func(context.Context, manifest.Staged, func(string)) ([]byte, error){s.from, s.others, s.address}
	var failures []error
	for _, place := range places {
		content, err := place(ctx, f, say)
		switch {
		case err == nil:
			return content, nil
		case ctx.Err() != nil:
			return nil, fmt.Errorf("fetch %s: %w", f.Name, ctx.Err())
		case !errors.Is(err, errElsewhere):
			failures = append(failures, err)
		}
	}
	return nil, errors.Join(failures...)
}

// address reads the file's address, or its path.
func (s *Source) address(ctx context.Context, f manifest.Staged, say func(string)) ([]byte, error) {
	say("fetching " + f.Name + " from " + f.URL)
	content, err := download.Read(ctx, s.Get, s.Folder, f.URL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err) // which names the address
	}
	if got := manifest.Checksum(content); got != f.SHA256 {
		return nil, fmt.Errorf(
			"fetch %s from %s: it is not the reviewed file: its SHA-256 is %s, expected %s", f.Name, f.URL, got,
			f.SHA256,
		)
	}
	return content, nil
}

// from looks for the file in a folder that the administrator names, by its checksum: the name does not matter. A file
// that can't be read does not hide another one.
func (s *Source) from(_ context.Context, f manifest.Staged, say func(string)) ([]byte, error) {
	if s.From == "" {
		return nil, errElsewhere
	}
	entries, err := os.ReadDir(s.From)
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", f.Name, err)
	}
	failures := []error{fmt.Errorf("look for %s in %s: no file has the SHA-256 %s", f.Name, s.From, f.SHA256)}
	for _, entry := range entries {
		path := filepath.Join(s.From, entry.Name())
		info, err := os.Stat(path) // a link counts as what it leads to
		if err == nil && !mayBe(info, f) {
			continue
		}
		var content []byte
		if err == nil {
			content, err = download.ReadFile(path)
		}
		switch {
		case err != nil:
			failures = append(failures, fmt.Errorf("look for %s: %w", f.Name, err))
		case manifest.Checksum(content) == f.SHA256:
			say("taking " + f.Name + " from " + path)
			return content, nil
		case f.Bytes != 0:
			failures = append(failures, fmt.Errorf("look for %s: %s has its size, but other bytes", f.Name, path))
		}
	}
	return nil, errors.Join(failures...)
}

// mayBe reports whether a file is worth reading: it has the size, where that is known.
func mayBe(info os.FileInfo, f manifest.Staged) bool {
	return info.Mode().IsRegular() && info.Size() <= manifest.LargestStaged && (f.Bytes == 0 || info.Size() == f.Bytes)
}

func (s *Source) others(ctx context.Context, f manifest.Staged, say func(string)) ([]byte, error) {
	if s.Others == nil {
		return nil, errElsewhere
	}
	return s.Others.fetch(ctx, f, say)
}
