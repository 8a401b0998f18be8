package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
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
	return All(file, info.Size(), manifest.LargestStaged)
}

// TooLargeError is the error of [All] about what has more bytes than it may have.
type TooLargeError struct{ Limit int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("it has more than the %d bytes that such a file may have", e.Limit)
}

// All reads what a reader has, of at most limit bytes. The size is what is to be expected, negative where nobody knows
// it: with it, a large file is in memory once. Without it, it is there twice for a moment; what has no end is only
// once. With an error All returns what it has read, except for a [TooLargeError].
func All(reader io.Reader, size, limit int64) ([]byte, error) {
	const piece = 1 << 20
	if size < 0 || size > limit {
		size = piece
	}
	var pieces [][]byte
	for total := int64(0); ; size = piece {
		content, filled := make([]byte, size+1), 0 // one more, to see the end
		var err error
		for filled < len(content) && err == nil {
			var n int
			n, err = reader.Read(content[filled:])
			filled += n
		}
		pieces = append(pieces, content[:filled])
		if total += int64(filled); total > limit {
			return nil, &TooLargeError{limit}
		}
		if err == nil {
			continue
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		if len(pieces) == 1 {
			return pieces[0], err
		}
		return slices.Concat(pieces...), err
	}
}
