package lock

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"pault.ag/go/debian/version"

	"distributed-moodle/internal/lockfile"
	"distributed-moodle/internal/manifest"
)

// The largest index of a repository that is read, packed and unpacked: Ubuntu's own has 8 MB and 60 MB.
const (
	largestRelease = 4 << 20
	largestIndex   = 64 << 20
)

// packaged takes the newest version of a package that the site accepts. The repository's index (InRelease) lists the
// checksum of the index of packages, which lists that of the package (https://wiki.debian.org/DebianRepository/Format).
// The signature is not checked: key and index come from the same host, see docs/decisions/007-lock.md.
func (l *Lock) packaged(ctx context.Context, want manifest.Staged, e *lockfile.Entry) error {
	o := want.Origin
	suite := o.URL + "/dists/" + o.Suite + "/"
	l.View.Step("looking for the newest " + e.Thing + " in " + suite)
	text, err := l.Get(ctx, suite+"InRelease", largestRelease)
	if err != nil {
		return err
	}
	index, err := readRelease(text)
	if err != nil {
		return fmt.Errorf("read %sInRelease: %w", suite, err)
	}
	list, err := l.packages(ctx, suite, o.Component+"/binary-"+want.Architecture+"/Packages", index)
	if err != nil {
		return err
	}
	newest, err := newestOf(list, want)
	if err != nil {
		return fmt.Errorf("%s: %w", suite, err)
	}
	address := o.URL + "/" + newest.file
	l.View.Step("fetching " + e.Thing + " " + newest.version.String() + " from " + address)
	content, err := l.Get(ctx, address, manifest.LargestStaged)
	if err != nil {
		return err
	}
	if got := manifest.Checksum(content); got != newest.sum.sha256 || int64(len(content)) != newest.sum.size {
		return fmt.Errorf("%s has %d bytes and the SHA-256 %s, and the repository's index says %d and %s",
			address, len(content), got, newest.sum.size, newest.sum.sha256)
	}
	e.Version = newest.version.String()
	fill(e, address, content, "https, index of "+index.date)
	return nil
}

// sum is what an index says of a file.
type sum struct {
	sha256 string
	size   int64
}

// release is an index of a repository.
type release struct {
	date string
	sums map[string]sum // by path
}

// readRelease reads InRelease. What its signature covers is between two lines, and its SHA256 field lists checksum,
// size and path.
func readRelease(text []byte) (*release, error) {
	body := string(text)
	if _, signed, ok := strings.Cut(body, "-----BEGIN PGP SIGNED MESSAGE-----"); ok {
		_, signed, _ = strings.Cut(strings.ReplaceAll(signed, "\r\n", "\n"), "\n\n")
		body, _, ok = strings.Cut(signed, "-----BEGIN PGP SIGNATURE-----")
		if !ok {
			return nil, errors.New("it ends before its signature")
		}
	}
	all := paragraphs(body)
	if len(all) != 1 {
		return nil, fmt.Errorf("it is not the index of a repository: it has %d paragraphs", len(all))
	}
	when, err := parseDate(all[0]["Date"])
	if err != nil {
		return nil, err
	}
	r := &release{date: when.UTC().Format(time.DateOnly), sums: map[string]sum{}}
	for line := range strings.Lines(all[0]["SHA256"]) {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			continue // the field's first line is empty
		}
		size, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the size of %s is %q", fields[2], fields[1])
		}
		r.sums[fields[2]] = sum{strings.ToLower(fields[0]), size}
	}
	if len(r.sums) == 0 {
		return nil, errors.New("it lists no SHA-256 checksums")
	}
	return r, nil
}

// parseDate reads the date of an index: apt writes "UTC", others an offset.
func parseDate(text string) (time.Time, error) {
	layouts := []string{
		time.RFC1123, time.RFC1123Z, "Mon, _2 Jan 2006 15:04:05 MST", "Mon, _2 Jan 2006 15:04:05 -0700",
	}
	for _, layout := range layouts {
		if when, err := time.Parse(layout, text); err == nil {
			return when, nil
		}
	}
	return time.Time{}, fmt.Errorf("its date is %q", text)
}

// packages returns the index of packages at a path, packed or not, as the release lists it.
func (l *Lock) packages(ctx context.Context, suite, name string, index *release) ([]map[string]string, error) {
	packed, size := name+".gz", index.sums[name+".gz"]
	if size.sha256 == "" {
		packed, size = name, index.sums[name]
	}
	if size.sha256 == "" {
		return nil, fmt.Errorf("%sInRelease does not list %s, as %s or packed", suite, name, path.Base(name))
	}
	content, err := l.Get(ctx, suite+packed, largestIndex)
	if err != nil {
		return nil, err
	}
	if got := manifest.Checksum(content); got != size.sha256 || int64(len(content)) != size.size {
		return nil, fmt.Errorf(
			"%s%s has the SHA-256 %s, and InRelease says %s: the repository is being updated, or somebody changed the file; try again in an hour",
			suite, packed, got, size.sha256,
		)
	}
	if packed == name {
		return paragraphs(string(content)), nil
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("unpack %s%s: %w", suite, packed, err)
	}
	text, err := io.ReadAll(io.LimitReader(unpacked, largestIndex+1))
	if err == nil && len(text) > largestIndex {
		err = fmt.Errorf("it has more than %d bytes", largestIndex)
	}
	if err != nil {
		return nil, fmt.Errorf("unpack %s%s: %w", suite, packed, err)
	}
	return paragraphs(string(text)), nil
}

// deb is a package in an index.
type deb struct {
	version version.Version
	file    string // path in the repository
	sum     sum
}

// newestOf returns the newest package that a site accepts, in the order of Debian's versions.
func newestOf(list []map[string]string, want manifest.Staged) (*deb, error) {
	var all []deb
	var others []string
	for _, p := range list {
		if p["Package"] != want.Origin.Package || p["Architecture"] != want.Architecture && p["Architecture"] != "all" {
			continue
		}
		v, err := version.Parse(p["Version"])
		if err != nil {
			return nil, fmt.Errorf("the version of %s: %w", want.Origin.Package, err)
		}
		if !lockfile.Accepts(want.Version, v.String()) {
			others = append(others, v.String())
			continue
		}
		size, err := strconv.ParseInt(p["Size"], 10, 64)
		if err != nil || len(p["SHA256"]) != 64 || !plainPath(p["Filename"]) {
			return nil, fmt.Errorf(
				"the index does not say path, size and SHA-256 of %s %s", want.Origin.Package, v.String(),
			)
		}
		all = append(all, deb{v, strings.TrimPrefix(p["Filename"], "./"), sum{strings.ToLower(p["SHA256"]), size}})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("it has no %s %s for %s, but %s", want.Origin.Package, want.Version, want.Architecture,
			cmp.Or(strings.Join(others, ", "), "no other version either"))
	}
	newest := slices.MaxFunc(all, func(a, b deb) int { return version.Compare(a.version, b.version) })
	return &newest, nil
}

// older reports whether a version comes before another one in the order of Debian's versions.
func older(a, b string) bool {
	first, err := version.Parse(a)
	if err != nil {
		return false
	}
	second, err := version.Parse(b)
	return err == nil && version.Compare(first, second) < 0
}

// plainPath reports whether a path stays inside the repository.
func plainPath(name string) bool {
	name = strings.TrimPrefix(name, "./")
	return name != "" && !path.IsAbs(name) && path.Clean(name) == name && !strings.HasPrefix(name, "..") &&
		!strings.ContainsAny(name, "?#%\\")
}

// paragraphs reads the control files of Debian: fields of paragraphs, which are separated by empty lines. A line that
// begins with a space continues the field before it.
func paragraphs(text string) (all []map[string]string) {
	var current map[string]string
	var field string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		name, value, ok := strings.Cut(line, ":")
		switch {
		case strings.TrimSpace(line) == "":
			current, field = nil, ""
		case line[0] == ' ' || line[0] == '\t':
			if current != nil && field != "" {
				current[field] += "\n" + line
			}
		case ok:
			if current == nil {
				current = map[string]string{}
				all = append(all, current)
			}
			field = name
			current[field] = strings.TrimSpace(value)
		}
	}
	return all
}
