package download

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"distributed-moodle/internal/manifest"
)

// Func returns the file at an https address, of at most limit bytes: [Client.Get] is one.
type Func func(ctx context.Context, address string, limit int64) ([]byte, error)

// Read reads what is at an https address, or at a path relative to a folder.
func Read(ctx context.Context, get Func, folder, address string) ([]byte, error) {
	if strings.HasPrefix(address, "https://") {
		return get(ctx, address, manifest.LargestStaged)
	}
	path := filepath.FromSlash(address)
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	return ReadFile(path)
}

// ReadFile reads a file of at most [manifest.LargestStaged] bytes.
func ReadFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	content, err := All(file, info.Size(), manifest.LargestStaged)
	if err == nil && len(content) > manifest.LargestStaged {
		err = fmt.Errorf("it is larger than %d bytes", manifest.LargestStaged)
	}
	return content, err
}

// All reads what a reader has, but not more than one byte above a limit. The size is what is to be expected, negative
// where nobody knows it: with it, a large file is in memory once, and not twice.
func All(reader io.Reader, size, limit int64) ([]byte, error) {
	var content bytes.Buffer
	if 0 < size && size <= limit {
		content.Grow(int(size) + bytes.MinRead) // what ReadFrom needs to see the end
	}
	_, err := content.ReadFrom(io.LimitReader(reader, limit+1))
	return content.Bytes(), err
}
