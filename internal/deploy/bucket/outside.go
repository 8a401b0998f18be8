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

// Source is where files from outside come from: their https addresses, or paths, relative to a folder unless they are absolute.
type Source struct {
	Client *http.Client
	Folder string
}

// NewSource returns the source of a folder. Its client has no time limit for a whole file, since a slow connection is not an error, but it
// gives up on a server that does not answer.
func NewSource(folder string) *Source {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	transport.ResponseHeaderTimeout = time.Minute
	return &Source{&http.Client{Transport: transport}, folder}
}

// largest is how many bytes a file may have: the largest that nodes need, an application's archive, has some 80 MB.
const largest = 1 << 30

// Fetch reads a file, and returns an error if its checksum is not the reviewed one.
func (s *Source) Fetch(ctx context.Context, f manifest.Staged) ([]byte, error) {
	content, got, err := s.read(ctx, f)
	if err == nil && got != f.SHA256 {
		return nil, fmt.Errorf("fetch %s from %s: it is not the reviewed file: its SHA-256 is %s, expected %s", f.Name, f.URL, got, f.SHA256)
	}
	return content, err
}

// Checksum returns the SHA-256 checksum of what is at a file's address now, for its review.
func (s *Source) Checksum(ctx context.Context, f manifest.Staged) (string, error) {
	_, got, err := s.read(ctx, f)
	return got, err
}

func (s *Source) read(ctx context.Context, f manifest.Staged) (content []byte, digest string, err error) {
	file, err := s.open(ctx, f.URL)
	if err != nil {
		if refused, ok := errors.AsType[*url.Error](err); ok {
			err = refused.Err // the address is said already
		}
		return nil, "", fmt.Errorf("fetch %s from %s: %w", f.Name, f.URL, err)
	}
	defer file.Close()
	content, err = io.ReadAll(io.LimitReader(file, largest+1))
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("fetch %s from %s: %w", f.Name, f.URL, err)
	case len(content) > largest:
		return nil, "", fmt.Errorf("fetch %s from %s: it is larger than %d bytes", f.Name, f.URL, largest)
	}
	sum := sha256.Sum256(content)
	return content, hex.EncodeToString(sum[:]), nil
}

func (s *Source) open(ctx context.Context, address string) (io.ReadCloser, error) {
	if !strings.HasPrefix(address, "https://") {
		path := filepath.FromSlash(address)
		if !filepath.IsAbs(path) {
			path = filepath.Join(s.Folder, path)
		}
		return os.Open(path)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := s.Client.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("the server answers %s", answer.Status)
	}
	return answer.Body, nil
}
