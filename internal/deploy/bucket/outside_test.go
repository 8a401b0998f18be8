package bucket

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"distributed-moodle/internal/deploy/download"
	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

func digest(text string) string { return manifest.Checksum([]byte(text)) }

func silent(string) {}

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
	source := &Source{Folder: folder, Get: download.With(server.Client().Transport.(*http.Transport).Clone(), time.Minute).Get}
	if err := os.WriteFile(filepath.Join(folder, "plugin.zip"), []byte("plugin"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ url, sha256, want, err string }{
		{server.URL + "/moodle.tgz", digest("archive"), "archive", ""},
		{"plugin.zip", digest("plugin"), "plugin", ""},
		{filepath.Join(folder, "plugin.zip"), digest("plugin"), "plugin", ""},
		{server.URL + "/moodle.tgz", digest("another"), "", "it is not the reviewed file"},
		{server.URL + "/gone.tgz", digest("archive"), "", "404"},
		{"gone.zip", digest("plugin"), "", "no such file"},
	} {
		got, err := source.Fetch(t.Context(), manifest.Staged{Name: "thing", URL: test.url, SHA256: test.sha256}, silent)
		if string(got) != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %q, %v; want %q, %q", test.url, got, err, test.want, test.err)
		}
	}
}

// Every place is asked in its order, and none gives other bytes than the reviewed ones.
func TestFetchTakesTheBytesFromWhereverTheyAre(t *testing.T) {
	account := localawstest.New(t)
	client := NewClient(account.Config())
	name := func(site string) string { return manifest.BucketOf(site, account.ID, localawstest.Region) }
	for site, content := range map[string]string{"first": "archive", "own": "own"} {
		b := &Bucket{API: client, Name: name(site), Owner: account.ID, Region: localawstest.Region, Partition: "aws", Site: site}
		object := Object{Key: manifest.StagedKey(digest(content)), Content: []byte(content), Type: "application/octet-stream"}
		if _, err := b.Keep(t.Context(), []Object{object}, true); err != nil {
			t.Fatal(err)
		}
	}
	folder := t.TempDir()
	for file, content := range map[string]string{"any-name": "plugin", "of-the-same-size": "nigulp"} {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("nowhere", filepath.Join(folder, "a-link")); err != nil { // it is looked at first
		t.Fatal(err)
	}
	offline := errors.New("offline")
	source := &Source{
		From: folder, Get: func(context.Context, string, int64) ([]byte, error) { return nil, offline },
		Others: &Others{
			API: client, Account: func(context.Context) (string, error) { return account.ID, nil },
			Own: func(string) string { return name("own") },
		},
	}
	for content, place := range map[string]string{"plugin": "taking it from " + filepath.Join(folder, "any-name"), "archive": "taking it from bucket " + name("first")} {
		var said []string
		got, err := source.Fetch(t.Context(), manifest.Staged{Name: "it", URL: "https://example.com/x", SHA256: digest(content), Bytes: int64(len(content))},
			func(text string) { said = append(said, text) })
		if err != nil || string(got) != content || strings.Join(said, "; ") != place {
			t.Errorf("%s: %q, %v, %v", content, got, err, said)
		}
	}
	if got, err := source.Fetch(t.Context(), manifest.Staged{URL: "https://example.com/x", SHA256: digest("own")}, silent); !errors.Is(err, offline) {
		t.Errorf("the site's own bucket, which does not have it, was asked again: %q, %v", got, err)
	}
	_, err := source.Fetch(t.Context(), manifest.Staged{Name: "it", URL: "https://example.com/x", SHA256: digest("luginp"), Bytes: 6}, silent)
	for _, want := range []string{"look for it in " + folder + ": no file has the SHA-256 " + digest("luginp"), "of-the-same-size has its size, but other bytes", "a-link: no such file"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	source.From = filepath.Join(folder, "gone")
	if _, err := source.Fetch(t.Context(), manifest.Staged{URL: "https://example.com/x", SHA256: digest("x")}, silent); !errors.Is(err, offline) || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a folder that does not exist: %v", err)
	}
}

// A bucket whose object has been changed, with a checksum of its own that says otherwise, is not believed.
func TestWhatAnotherBucketSaysIsChecked(t *testing.T) {
	lying := &Others{API: liar{}, Account: func(context.Context) (string, error) { return "111122223333", nil }, Own: func(string) string { return "" }}
	source := &Source{Others: lying, Folder: t.TempDir()}
	_, err := source.Fetch(t.Context(), manifest.Staged{Name: "it", URL: "gone", SHA256: digest("archive")}, silent)
	if err == nil || !strings.Contains(err.Error(), "fetch it from bucket a-artifacts-111122223333-eu-west-1: it is not the reviewed file") {
		t.Errorf("the error is %v", err)
	}
}
