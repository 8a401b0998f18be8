package download

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Func returns the file at an https address, of at most limit bytes: [Client.Get] is one.
type Func func(ctx context.Context, address string, limit int64) ([]byte, error)

// Read reads what is at an https address, or at a path relative to a folder.
func Read(ctx context.Context, get Func, folder, address string) ([]byte, error) {
	if strings.HasPrefix(address, "https://") {
		return get(ctx, address, Largest)
	}
	path := filepath.FromSlash(address)
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	return ReadFile(path)
}

// ReadFile reads a file of at most [Largest] bytes.
func ReadFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, Largest+1))
	if err == nil && len(content) > Largest {
		err = fmt.Errorf("it is larger than %d bytes", Largest)
	}
	return content, err
}
