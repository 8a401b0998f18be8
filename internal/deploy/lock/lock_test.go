package lock

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"distributed-moodle/internal/deploy/download"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/lockfile"
	"distributed-moodle/internal/manifest"
)

var today = time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)

// hosts is a server that stands for all hosts. A path has a content, or a handler for what goes wrong.
type hosts struct {
	*httptest.Server
	files  map[string]string
	faults map[string]http.HandlerFunc
}

// archived begins as what gzip has packed does.
const archived = "\x1f\x8b app "

func open(t *testing.T) *hosts {
	h := &hosts{files: map[string]string{}, faults: map[string]http.HandlerFunc{}}
	h.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fault := h.faults[r.URL.Path]; fault != nil {
			fault(w, r)
			return
		}
		content, ok := h.files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
	}))
	t.Cleanup(h.Close)
	h.files["/app-1.2.tgz"] = archived
	h.files["/app-1.2.tgz.sha256"] = "SHA256(app-1.2.tgz)= " + manifest.Checksum([]byte(archived)) + "\n"
	h.repository(map[string]string{"3.10.0-1": "newest", "3.9.0-1": "older", "2.4.0-1": "old", "4.0.0-1": "too new"})
	h.files["/bundle.pem"] = authority(t, "Amazon RDS r Root CA", today.AddDate(30, 0, 0)) + authority(t, "expired", today.AddDate(0, 0, -1))
	return h
}

// repository publishes versions of the package p, in the order of a map: none.
func (h *hosts) repository(versions map[string]string) {
	var list strings.Builder
	for version, content := range versions {
		file := "pool/p_" + version + "_arm64.deb"
		h.files["/apt/"+file] = content
		fmt.Fprintf(&list, "Package: p\nVersion: %s\nArchitecture: arm64\nDescription: mounts\n more: of it\nFilename: ./%s\nSize: %d\nSHA256: %s\n\n",
			version, file, len(content), manifest.Checksum([]byte(content)))
		fmt.Fprintf(&list, "Package: another\nVersion: 3.99\nArchitecture: arm64\nFilename: x\nSize: 1\nSHA256: %064d\n\n", 0)
	}
	h.publish(list.String())
}

// publish replaces the index of packages.
func (h *hosts) publish(list string) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(list)); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	h.files["/apt/dists/24.04/main/binary-arm64/Packages.gz"] = packed.String()
	h.files["/apt/dists/24.04/InRelease"] = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nOrigin: x\nDate: Fri, 27 Nov 2026 10:00:00 UTC\n" +
		"MD5Sum:\n 0 1 main/binary-arm64/Packages.gz\nSHA256:\n " + manifest.Checksum(packed.Bytes()) + fmt.Sprintf(" %d", packed.Len()) +
		" main/binary-arm64/Packages.gz\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
}

// path publishes a newer package at a path of the repository.
func (h *hosts) path(file string) {
	h.publish(fmt.Sprintf("Package: p\nVersion: 3.11.0-1\nArchitecture: arm64\nFilename: %s\nSize: 1\nSHA256: %s\n", file, strings.ToUpper(manifest.Checksum([]byte("x")))))
	h.files["/apt/"+file] = "x"
}

func authority(t *testing.T, name string, until time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

type silent struct{ *testing.T }

func (s silent) Step(text string) { s.Log(text) }
func (s silent) Note(text string) { s.Log("note: " + text) }
func (s silent) Done(text string) { s.Log(text) }

// locker locks a site that wants one thing of each kind.
func (h *hosts) locker(t *testing.T) (*Lock, string) {
	folder := t.TempDir()
	source := filepath.Join(folder, "dev.yaml")
	client := download.With(h.Client().Transport.(*http.Transport).Clone(), 100*time.Millisecond)
	for name, content := range map[string]string{"dev.yaml": "", "x.zip": "plugin"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	site := &manifest.Manifest{Environment: "dev", Source: source, Staged: []manifest.Staged{
		{Name: "app", Version: "1.2", Origin: &manifest.Origin{Kind: manifest.OriginFile, URL: h.URL + "/app-1.2.tgz", Checksum: h.URL + "/app-1.2.tgz.sha256"}},
		{Name: "plugin x", URL: "x.zip", SHA256: manifest.Checksum([]byte("plugin"))},
		{Name: "package", Version: "3.*", Architecture: "arm64", Origin: &manifest.Origin{Kind: manifest.OriginApt, URL: h.URL + "/apt", Suite: "24.04", Component: "main", Package: "p"}},
		{Name: "authorities", Region: "r", Origin: &manifest.Origin{Kind: manifest.OriginCertificates, URL: h.URL + "/bundle.pem"}},
	}}
	return &Lock{Site: site, Get: client.Get, Today: today, View: silent{t}}, filepath.Join(folder, "dev.lock")
}

func TestAFolderOfAnotherEnvironmentFileIsRefused(t *testing.T) {
	now := "site: now\n"
	for _, test := range []struct{ name, file, checksum, refused string }{
		{name: "the same file", file: now, checksum: manifest.Checksum([]byte(now))},
		{name: "a folder of an older generator", file: now},
		{name: "another file", file: now, checksum: manifest.Checksum([]byte("site: before\n")), refused: "the folder of dev was generated from another "},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := open(t)
			l, file := h.locker(t)
			if err := os.WriteFile(l.Site.Source, []byte(test.file), 0o644); err != nil {
				t.Fatal(err)
			}
			l.Site.SourceSHA256 = test.checksum
			err := l.Run(t.Context())
			if test.refused == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if outcome.CodeOf(err) != outcome.Refused || !strings.Contains(err.Error(), test.refused) ||
				outcome.AdviceOf(err) != "generate the folder again, then run deploy lock dev again" {
				t.Errorf("%v (%s)", err, outcome.AdviceOf(err))
			}
			if _, err := os.Stat(file); err == nil {
				t.Error("a lock was written")
			}
		})
	}
}

// noted keeps the notes.
type noted struct {
	silent
	notes []string
}

func (n *noted) Note(text string) { n.notes = append(n.notes, text) }

func TestACertificateThatExpiresSoonIsNoted(t *testing.T) {
	for days, want := range map[int]string{61: "", 59: "Amazon RDS r Root CA, valid until 2027-01-26, and no later one is published"} {
		h := open(t)
		h.files["/bundle.pem"] = authority(t, "Amazon RDS r Root CA", today.AddDate(0, 0, days)) + authority(t, "another", today.AddDate(9, 0, 0))
		l, _ := h.locker(t)
		view := &noted{silent: silent{t}}
		l.View = view
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(view.notes, "\n"); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%d days before: %q", days, got)
		}
	}
}

func read(t *testing.T, file string) *lockfile.Lock {
	t.Helper()
	lock, err := lockfile.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return lock
}

func TestEverythingIsLocked(t *testing.T) {
	h := open(t)
	l, file := h.locker(t)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	lock := read(t, file)
	for thing, want := range map[string]string{
		"app":         "1.2 " + archived + " https, and the checksum that is published beside it",
		"plugin x":    " plugin the checksum in the environment file",
		"package":     "3.10.0-1 newest https, index of 2026-11-27",
		"authorities": " " + string(lock.Of("authorities").Bundle()) + " https alone: compare the subjects; the file itself had the SHA-256 " + manifest.Checksum([]byte(h.files["/bundle.pem"])),
	} {
		e := lock.Of(thing)
		content := strings.TrimSuffix(strings.TrimPrefix(want, e.Version+" "), " "+e.Verified)
		if got := e.Version + " " + content + " " + e.Verified; got != want || e.SHA256 != manifest.Checksum([]byte(content)) || e.Size != int64(len(content)) || e.Date != "2026-11-28" {
			t.Errorf("%s: %+v", thing, e)
		}
	}
	if n := len(lock.Of("authorities").Certificates); n != 1 {
		t.Errorf("%d certificates; the one that has expired proves nothing", n)
	}
	if m := lock.Match(l.Site.Staged); len(m.Missing)+len(m.Stale)+len(m.Unused) > 0 {
		t.Errorf("the generator would not take it: %+v", m)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	l.Today = today.AddDate(0, 1, 0)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a month later nothing is new, and the lock is another one: %v\n%s", err, after)
	}
}

// What goes wrong with one thing is named, and costs that thing alone its entry; a fitting old entry stays.
func TestWhatCannotBeResolvedKeepsItsEntryOrHasNone(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for _, test := range []struct {
		name, thing, want string
		fault             func(h *hosts)
	}{
		{"wrong checksum", "app", "the file is not whole or not the right one", func(h *hosts) { h.files["/app-1.2.tgz"] = "\x1f\x8b forged" }},
		{"page in place of the archive", "app", `is not an archive: its 19 bytes begin with <html>please log in`, func(h *hosts) {
			h.files["/app-1.2.tgz"] = "<html>please log in"
			delete(h.files, "/app-1.2.tgz.sha256")
		}},
		{"empty file", "app", "is not an archive: its 0 bytes", func(h *hosts) {
			h.files["/app-1.2.tgz"] = ""
			delete(h.files, "/app-1.2.tgz.sha256")
		}},
		{"checksum of another file", "app", "it has no SHA-256 checksum of app-1.2.tgz", func(h *hosts) {
			h.files["/app-1.2.tgz.sha256"] = strings.Replace(h.files["/app-1.2.tgz.sha256"], "1.2", "1.1", 1)
		}},
		{"404", "app", "the server answers 404", func(h *hosts) { delete(h.files, "/app-1.2.tgz") }},
		{"redirect to http", "app", "which is not https", func(h *hosts) {
			h.faults["/app-1.2.tgz"] = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, plain.URL, http.StatusFound) }
		}},
		{"half a file", "app", "it ended after 3 of 7 bytes", func(h *hosts) {
			h.faults["/app-1.2.tgz"] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "7")
				_, _ = w.Write([]byte("arc"))
			}
		}},
		{"slow", "app", "the server sends nothing for 100ms", func(h *hosts) {
			h.faults["/app-1.2.tgz"] = func(w http.ResponseWriter, r *http.Request) {
				_, _ = w.Write([]byte("arc"))
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			}
		}},
		{"another plugin", "plugin x", "x.zip has the SHA-256 ", nil},
		{"no index", "package", "InRelease: the server answers 404", func(h *hosts) { delete(h.files, "/apt/dists/24.04/InRelease") }},
		{"index of packages of another day", "package", "the repository is being updated", func(h *hosts) { h.files["/apt/dists/24.04/main/binary-arm64/Packages.gz"] += "x" }},
		{"package that was changed", "package", "and the repository's index says 6 and ", func(h *hosts) { h.files["/apt/pool/p_3.10.0-1_arm64.deb"] = "forged" }},
		{"path that a lock does not take", "package", "what the server says would be refused in a lock: package: address: ", func(h *hosts) { h.path("pool/p q.deb") }},
		{"path that is too long", "package", "what the server says would be refused in a lock: package: address: ", func(h *hosts) { h.path(strings.Repeat("p", 2000)) }},
		{"path out of the repository", "package", "the index does not say path, size and SHA-256", func(h *hosts) { h.path("../../p.deb") }},
		{"no version that fits", "package", "it has no p 3.* for arm64, but 4.0.0-1", func(h *hosts) { h.repository(map[string]string{"4.0.0-1": "x"}) }},
		{"an index that was cut off", "package", "it ends before its signature", func(h *hosts) {
			h.files["/apt/dists/24.04/InRelease"], _, _ = strings.Cut(h.files["/apt/dists/24.04/InRelease"], "-----BEGIN PGP SIGNATURE")
		}},
		{"no certificates", "authorities", "something else than certificates", func(h *hosts) { h.files["/bundle.pem"] = "<html>" }},
		{"half a bundle", "authorities", "something else than certificates", func(h *hosts) { h.files["/bundle.pem"] = h.files["/bundle.pem"][:700] }},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := open(t)
			l, file := h.locker(t)
			fault := func() {
				if test.fault != nil {
					test.fault(h)
				} else if err := os.WriteFile(filepath.Join(filepath.Dir(file), "x.zip"), []byte("forged"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := l.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			whole, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			fault()
			wantFailure(t, l.Run(t.Context()), test.thing, test.want, "it keeps its entry of 2026-11-28")
			if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, whole) {
				t.Errorf("the old lock was not kept: %v\n%s", err, again)
			}
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			wantFailure(t, l.Run(t.Context()), test.thing, test.want, "it has no entry")
			if lock := read(t, file); lock.Of(test.thing) != nil || len(lock.Entries) != 3 {
				t.Errorf("locked are %+v", lock.Entries)
			}
		})
	}
}

func wantFailure(t *testing.T, err error, words ...string) {
	t.Helper()
	if outcome.CodeOf(err) != outcome.Failed || !strings.Contains(outcome.AdviceOf(err), "deploy lock dev") {
		t.Fatalf("the error is %v, advice %q", err, outcome.AdviceOf(err))
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in %v", word, err)
		}
	}
}

func TestAFileWithoutAPublishedChecksumSaysSo(t *testing.T) {
	h := open(t)
	delete(h.files, "/app-1.2.tgz.sha256")
	l, file := h.locker(t)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := read(t, file).Of("app"); !strings.HasPrefix(e.Verified, "https alone") {
		t.Errorf("verified: %s", e.Verified)
	}
}

// Half offline the old lock stays whole: an entry that is stale, too, until the file of the new version can be had.
func TestAStaleEntryIsReplacedOrStays(t *testing.T) {
	h := open(t)
	l, file := h.locker(t)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	l.Site.Staged[0].Version = "1.3"
	l.Site.Staged[0].Origin = &manifest.Origin{Kind: manifest.OriginFile, URL: h.URL + "/app-1.3.tgz", Checksum: h.URL + "/app-1.3.tgz.sha256"}
	wantFailure(t, l.Run(t.Context()), "app: ", "its entry of 2026-11-28 is stale, and not used")
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, whole) {
		t.Errorf("the old lock was not kept: %v\n%s", err, again)
	}
	h.files["/app-1.3.tgz"] = archived + "1.3"
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := read(t, file).Of("app"); e.Version != "1.3" || e.SHA256 != manifest.Checksum([]byte(archived+"1.3")) {
		t.Errorf("%+v", e)
	}
	h.Close() // offline
	l.Site.Staged[0].Version = "1.4"
	wantFailure(t, l.Run(t.Context()), "app: ", "is stale, and not used", "package: ", "it keeps its entry", "authorities: ")
	if lock := read(t, file); len(lock.Entries) != 4 || lock.Of("app").Version != "1.3" {
		t.Errorf("offline the lock has %+v", lock.Entries)
	}
}

func TestAnInterruptedRunLeavesTheOldLock(t *testing.T) {
	h := open(t)
	l, file := h.locker(t)
	if err := os.WriteFile(file, []byte("[]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	h.faults["/bundle.pem"] = func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}
	if err := l.Run(ctx); err == nil {
		t.Error("no error")
	}
	entries, err := os.ReadDir(filepath.Dir(file))
	if text, readErr := os.ReadFile(file); readErr != nil || string(text) != "[]\n" || err != nil || len(entries) != 3 {
		t.Errorf("%s, %v, %v, beside it %v", text, readErr, err, entries)
	}
}

func TestALockWithMistakesIsNotOverwritten(t *testing.T) {
	h := open(t)
	l, file := h.locker(t)
	if err := os.WriteFile(file, []byte("- thing: app\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	wantFailure(t, l.Run(t.Context()), "dev.lock:1:3: app: address is missing")
	if text, err := os.ReadFile(file); err != nil || string(text) != "- thing: app\n" {
		t.Errorf("%s, %v", text, err)
	}
}

func TestReadChecksum(t *testing.T) {
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	for _, test := range []struct{ text, want, err string }{
		{"SHA256(x.tgz)= " + a, a, ""}, {"SHA256 (x.tgz) = " + a, a, ""}, {"SHA2-256(x.tgz)= " + a, a, ""}, {"SHA256(/srv/x.tgz)= " + a, a, ""},
		{a + "  x.tgz\n", a, ""}, {a + " *./x.tgz", a, ""}, {strings.ToUpper(a) + "  x.tgz", a, ""}, {a + "\n", a, ""},
		{b + "  y.tgz\n" + a + "  x.tgz\n", a, ""},
		{a + "  x.tgz\n" + b + "  x.tgz\n", "", "several"}, {a[1:] + "  x.tgz", "", "no SHA-256"}, {"<html>", "", "no SHA-256"}, {"", "", "no SHA-256"},
		{a + "  y.tgz", "", "no SHA-256"}, {"MD5(x.tgz)= " + a, "", "no SHA-256"},
	} {
		got, err := readChecksum([]byte(test.text), "x.tgz")
		if got != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%q: %q, %v", test.text, got, err)
		}
	}
}

func FuzzReadRelease(f *testing.F) {
	f.Add([]byte("Date: Fri, 27 Nov 2026 10:00:00 UTC\nSHA256:\n a 1 b\n"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		_, _ = readRelease(text)
		_, _ = newestOf(paragraphs(string(text)), manifest.Staged{Version: "3.*", Origin: &manifest.Origin{Package: "p"}})
	})
}
