package bucket

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"distributed-moodle/internal/manifest"
)

// Client fetches by HTTPS. It has no time limit for a whole file, since a slow connection is not an error, but gives up on a server that does not answer.
func Client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	transport.ResponseHeaderTimeout = time.Minute
	return &http.Client{Transport: transport}
}

// largest is how many bytes a file may have: Moodle's own archive has some 80 MB.
const largest = 1 << 30

// Fetch reads a file from its https address, or from a path, relative to folder unless it is absolute, and returns an error if its checksum is not the
// reviewed one.
func Fetch(ctx context.Context, client *http.Client, folder string, s manifest.Staged) ([]byte, error) {
	content, got, err := read(ctx, client, folder, s)
	if err == nil && got != s.SHA256 {
		return nil, fmt.Errorf("fetch %s from %s: it is not the reviewed file: its SHA-256 is %s, expected %s", s.Name, s.URL, got, s.SHA256)
	}
	return content, err
}

// Checksum returns the SHA-256 checksum of what is at a file's address now, for its review.
func Checksum(ctx context.Context, client *http.Client, folder string, s manifest.Staged) (string, error) {
	_, got, err := read(ctx, client, folder, s)
	return got, err
}

func read(ctx context.Context, client *http.Client, folder string, s manifest.Staged) (content []byte, digest string, err error) {
	source, err := open(ctx, client, folder, s.URL)
	if err != nil {
		if refused, ok := errors.AsType[*url.Error](err); ok {
			err = refused.Err // the address is said already
		}
		return nil, "", fmt.Errorf("fetch %s from %s: %w", s.Name, s.URL, err)
	}
	defer source.Close()
	content, err = io.ReadAll(io.LimitReader(source, largest+1))
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("fetch %s from %s: %w", s.Name, s.URL, err)
	case len(content) > largest:
		return nil, "", fmt.Errorf("fetch %s from %s: it is larger than %d bytes", s.Name, s.URL, largest)
	}
	sum := sha256.Sum256(content)
	return content, hex.EncodeToString(sum[:]), nil
}

func open(ctx context.Context, client *http.Client, folder, address string) (io.ReadCloser, error) {
	if !strings.HasPrefix(address, "https://") {
		path := filepath.FromSlash(address)
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		return os.Open(path)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("the server answers %s", answer.Status)
	}
	return answer.Body, nil
}
