package lock

import (
	"bytes"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"distributed-moodle/internal/deploy/outcome"
)

// What is published about a file changes more often than the file: the lock changes with the file.
func TestAnEntryStaysWhileItsFileIsTheSame(t *testing.T) {
	h := open(t)
	l, file := h.locker(t)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	release := "/apt/dists/24.04/InRelease"
	h.files[release] = strings.Replace(h.files[release], "27 Nov", "28 Nov", 1)
	sum := h.files["/app-1.2.tgz.sha256"]
	delete(h.files, "/app-1.2.tgz.sha256")
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, whole) {
		t.Errorf("no file is another one, and the lock is: %v\n%s", err, again)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"https alone: no checksum", "https, and the checksum"} { // what proves more is taken
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if e := read(t, file).Of("app"); !strings.HasPrefix(e.Verified, want) {
			t.Errorf("verified: %s, want %s", e.Verified, want)
		}
		h.files["/app-1.2.tgz.sha256"] = sum
	}
}

func TestAnOlderPackageIsNamed(t *testing.T) {
	h := open(t)
	l, file := h.locker(t)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.repository(map[string]string{"3.9.0-1": "older"})
	said := &noted{silent: silent{t}}
	l.View = said
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	const want = "the newest package is 3.9.0-1, older than the 3.10.0-1 of 2026-11-28: review why"
	if e := read(t, file).Of("package"); e.Version != "3.9.0-1" || !slices.Contains(said.notes, want) {
		t.Errorf("%+v, said %q", e, said.notes)
	}
}

// A run does not undo what another one, or a person, has written since it began.
func TestALockThatWasChangedMeanwhileIsLeftAlone(t *testing.T) {
	h := open(t)
	l, file := h.locker(t)
	bundle := h.files["/bundle.pem"]
	h.faults["/bundle.pem"] = func(w http.ResponseWriter, _ *http.Request) {
		if err := os.WriteFile(file, []byte("# by hand\n[]\n"), 0o644); err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte(bundle))
	}
	wantFailure(t, l.Run(t.Context()), "dev.lock was changed by somebody else meanwhile")
	if text, err := os.ReadFile(file); err != nil || string(text) != "# by hand\n[]\n" {
		t.Errorf("%s, %v", text, err)
	}
}

func TestACertificateThatIsGoneIsNoted(t *testing.T) {
	h := open(t)
	first := h.files["/bundle.pem"]
	h.files["/bundle.pem"] += authority(t, "another", today.AddDate(9, 0, 0))
	l, file := h.locker(t)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.files["/bundle.pem"] = first // as a download that ends early, or an authority that was withdrawn
	said := &noted{silent: silent{t}}
	l.View = said
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	const want = "another, valid until 2035-11-28 is no longer published: nodes will not trust a server whose certificate is of it; review why"
	if !slices.Equal(said.notes, []string{want}) || len(read(t, file).Of("authorities").Certificates) != 1 {
		t.Errorf("said %q", said.notes)
	}
}

func TestCertificatesAreTakenOnce(t *testing.T) {
	h := open(t)
	h.files["/bundle.pem"] += h.files["/bundle.pem"]
	l, file := h.locker(t)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(read(t, file).Of("authorities").Certificates); n != 1 {
		t.Errorf("%d certificates", n)
	}
}

// Advice is only of use if it can be followed: no key of an environment file names a mirror of a repository.
func TestTheAdviceCanBeFollowed(t *testing.T) {
	h := open(t)
	l, file := h.locker(t)
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	const mirror, useless, kept = "or give a mirror's address", "nodes can't start", "the entries that it keeps are used"
	advice := func(want string, no ...string) {
		t.Helper()
		said := outcome.AdviceOf(l.Run(t.Context()))
		if !strings.Contains(said, want) || slices.ContainsFunc(no, func(word string) bool { return strings.Contains(said, word) }) {
			t.Errorf("the advice is %q, want %q and not %q", said, want, no)
		}
	}
	delete(h.files, "/apt/dists/24.04/InRelease")
	advice(kept, mirror, useless)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	advice(useless, mirror, kept)
	delete(h.files, "/app-1.2.tgz")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	advice(mirror, kept)
}

func TestTheLockIsWrittenBesideTheEnvironmentFile(t *testing.T) {
	h := open(t)
	l, _ := h.locker(t)
	if err := os.Remove(l.Site.Source); err != nil {
		t.Fatal(err)
	}
	err := l.Run(t.Context())
	if outcome.AdviceOf(err) != "run deploy lock in the folder that contains "+l.Site.Source {
		t.Errorf("%v, advice %q", err, outcome.AdviceOf(err))
	}
}
