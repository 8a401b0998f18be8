// Package readfile reads files that a person names or reviews: whole, and only what has an end.
package readfile

import (
	"errors"
	"io"
	"os"
)

// ErrNotRegular is the error of what is not a regular file: a folder, or a pipe, which would never end.
var ErrNotRegular = errors.New("is not a regular file")

// Regular reads a regular file. Of one that is larger than most bytes it returns one byte more than that, so that the
// caller can say that it is too large. Its error is [ErrNotRegular], or one that names the path.
func Regular(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, ErrNotRegular
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, most+1))
}
