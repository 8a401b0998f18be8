package bucket

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"distributed-moodle/internal/manifest"
)

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestFetch(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/moodle.tgz" {
			http.NotFound(w, r)
			return
		}
		if _, err := w.Write([]byte("archive")); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	folder := t.TempDir()
	source := &Source{server.Client(), folder}
	if err := os.WriteFile(filepath.Join(folder, "plugin.zip"), []byte("plugin"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := source.Checksum(t.Context(), manifest.Staged{URL: "plugin.zip"}); err != nil || got != digest("plugin") {
		t.Errorf("the digest is %s, %v", got, err)
	}
	for _, test := range []struct{ url, sha256, want, err string }{
		{server.URL + "/moodle.tgz", digest("archive"), "archive", ""},
		{"plugin.zip", digest("plugin"), "plugin", ""},
		{filepath.Join(folder, "plugin.zip"), digest("plugin"), "plugin", ""},
		{server.URL + "/moodle.tgz", digest("another"), "", "it is not the reviewed file"},
		{server.URL + "/gone.tgz", digest("archive"), "", "404"},
		{"gone.zip", digest("plugin"), "", "no such file"},
	} {
		got, err := source.Fetch(t.Context(), manifest.Staged{Name: "thing", URL: test.url, SHA256: test.sha256})
		if string(got) != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %q, %v; want %q, %q", test.url, got, err, test.want, test.err)
		}
	}
}
