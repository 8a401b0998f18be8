package manifest

import (
	"archive/tar"
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// bundleDate is the date of every file: not 1970, since PHP's opcache never caches a file of that date.
var bundleDate = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Pack packs the node's files, given by their path in the archive, into one uncompressed tar. Scripts (*.sh) are
// executable, all others are not.
//
// The generator packs to compute the checksum for the launch template, the deployer packs to upload. Both must get the
// same bytes, so nothing depends on the machine: no owner, no clock, no order of a directory.
func Pack(files map[string][]byte) ([]byte, error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !isPlain(name) {
			return nil, fmt.Errorf("pack the node's files: %q is not a plain relative path", name)
		}
		mode := int64(0o644)
		if path.Ext(name) == ".sh" {
			mode = 0o755
		}
		header := &tar.Header{Name: name, Mode: mode, Size: int64(len(files[name])), ModTime: bundleDate, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("pack the node's files: %s: %w", name, err)
		}
		if _, err := w.Write(files[name]); err != nil {
			return nil, fmt.Errorf("pack the node's files: %s: %w", name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack the node's files: %w", err)
	}
	return buf.Bytes(), nil
}

// isPlain reports whether a name is a relative path that stays inside the archive.
func isPlain(name string) bool {
	return name != "" && name == path.Clean(name) && !path.IsAbs(name) && name != "." && !strings.HasPrefix(name, "..")
}
