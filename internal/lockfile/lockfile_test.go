package lockfile

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/mistake"
)

const sum = "7e5edf110555956571f40e42acffde0eb23681ebebd212a2fec0fe7d795dd511"

const moodle = `- thing: moodle
  version: "5.3"
  address: https://packaging.moodle.org/stable503/moodle-5.3.tgz
  sha256: ` + sum + `
  size: 80000000
  date: "2026-11-28"
  verified: the checksum that is published beside it
`

// authority returns a certificate in PEM.
func authority(t *testing.T, name string, isCA bool) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: isCA, BasicConstraintsValid: true,
		NotAfter: time.Date(2061, 5, 21, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func certificates(t *testing.T) Entry {
	e := Entry{
		Thing: "database-certificates", Region: "eu-central-1", Address: "https://example.com/bundle.pem", Date: "2026-11-28",
		Verified:     "https",
		Certificates: []string{authority(t, "Amazon RDS eu-central-1 Root CA ECC384 G1", true), authority(t, "another", true)},
	}
	digest := sha256.Sum256(e.Bundle())
	e.SHA256, e.Size = hex.EncodeToString(digest[:]), int64(len(e.Bundle()))
	return e
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	lock := &Lock{Path: "environments/dev.lock", Entries: []Entry{
		{Thing: "moodle", Version: "5.3", Address: "https://example.com/a", SHA256: sum, Size: 1, Date: "2026-11-28", Verified: "a: b"},
		{Thing: "efs-utils", Version: "3.3.0-1", Architecture: "arm64", Address: "https://example.com/b", SHA256: sum, Size: 2,
			Date: "2026-11-28", Verified: "https, index of 2026-11-27"},
		certificates(t),
		{Thing: "plugin mod/x", Address: "x.zip", SHA256: sum, Size: 3, Date: "2026-11-28", Verified: "c"},
	}}
	text, err := lock.Encode()
	if err != nil {
		t.Fatal(err)
	}
	read, err := Parse(lock.Path, text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if diff := cmp.Diff(lock, read, cmpopts.IgnoreUnexported(Entry{})); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
	if !strings.Contains(string(text), "# Amazon RDS eu-central-1 Root CA ECC384 G1, valid until 2061-05-21\n") {
		t.Errorf("subject and expiry are not in a comment:\n%s", text)
	}
	lie := strings.Replace(string(text), "2061-05-21", "2099-01-01", 1)
	wantMistake(t, lie, "valid until 2099…, and the certificate is of Amazon RDS eu-central-1 Root CA ECC384 G1, valid until 2061-05-21")
}

func TestAFolderIsNoLock(t *testing.T) {
	if _, err := Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "it is not a file; remove it") {
		t.Errorf("the error is %v", err)
	}
}

func TestNoLockAndAnEmptyOneHaveNoEntries(t *testing.T) {
	missing, err := Read(filepath.Join(t.TempDir(), "dev.lock"))
	if err != nil || len(missing.Entries) > 0 {
		t.Errorf("%v, %v", missing, err)
	}
	for _, text := range []string{"", "# nothing\n", "[]\n"} {
		if lock, err := Parse("dev.lock", []byte(text)); err != nil || len(lock.Entries) > 0 {
			t.Errorf("%q: %v, %v", text, lock, err)
		}
	}
}

func wantMistake(t *testing.T, text, want string) {
	t.Helper()
	_, err := Parse("dev.lock", []byte(text))
	mistakes, ok := errors.AsType[mistake.Mistakes](err)
	if !ok || !strings.Contains(mistakes.Error(), want) {
		t.Errorf("the error is %v, want %q, of\n%s", err, want, text)
	}
}

func TestMistakesHaveTheirPlaces(t *testing.T) {
	edit := func(old, now string) string {
		if !strings.Contains(moodle, old) {
			t.Fatalf("%q is not in the example", old)
		}
		return strings.Replace(moodle, old, now, 1)
	}
	for _, test := range []struct{ name, text, want string }{
		{"two entries", moodle + moodle, "dev.lock:8:10: moodle: thing: has an entry already, in line 1; remove the one that is wrong"},
		{"short checksum", edit(sum, sum[1:]), "dev.lock:4:11: moodle: sha256: e5edf110555956571f40e42acffde0eb23681ebebd212a2fec0fe7d795d… (63 characters) is not a checksum"},
		{"checksum in capitals", edit(sum, strings.ToUpper(sum)), "dev.lock:4:11: moodle: sha256: "},
		{"http", edit("https:", "http:"), "dev.lock:3:12: moodle: address: http://packaging.moodle.org/stable503/moodle-5.3.tgz is not an https address"},
		{"an absolute path", edit("https://packaging.moodle.org", "/srv"), "dev.lock:3:12: moodle: address: /srv/stable503/moodle-5.3.tgz is not a plain relative path"},
		{"a path upwards in disguise", edit("https://packaging.moodle.org", "a/.."), "is not a plain relative path"},
		{"a password", edit("https://", "https://me:x@"), "dev.lock:3:12: moodle: address: has a user; a file that needs one can't be fetched by others; write"},
		{"a scheme in capitals", edit("https:", "HTTPS:"), "is not an https address"},
		{"a port without a host", edit("packaging.moodle.org", ":443"), "it names no host"},
		{"dots as a host", edit("packaging.moodle.org", ".."), "it names no host"},
		{"a space in an address", edit("stable503", "stable 503"), "has a character that no address of a file needs"},
		{"a letter that turns the line round", edit("moodle-5.3.tgz", "\u202emoodle-5.3.tgz"), "has a character that no address of a file needs"},
		{"a # part", edit("moodle-5.3.tgz", "moodle-5.3.tgz#x"), "has a # part"},
		{"no host", edit("https://packaging.moodle.org/", "https:///"), "is not an https address"},
		{"no address", edit("  address: https://packaging.moodle.org/stable503/moodle-5.3.tgz\n", ""), "dev.lock:1:3: moodle: address is missing"},
		{"no value", edit("size: 80000000", "size:"), "dev.lock:5:8: moodle: size: has no value"},
		{"size", edit("80000000", "80 MB"), "dev.lock:5:9: moodle: size: is not a whole number of bytes from 1 to 536870912"},
		{"a size of more digits than a number has", edit("80000000", "99999999999999999999999"), "moodle: size: is not a whole number of bytes from 1 to"},
		{"more than a file may have", edit("80000000", "536870913"), "moodle: size: is not"},
		{"an octal size", edit("80000000", "080000000"), "moodle: size: is not"},
		{"negative size", edit("80000000", "-1"), "moodle: size: is not"},
		{"date", edit("2026-11-28", "28.11.2026"), "dev.lock:6:9: moodle: date: 28.11.2026 is not a date"},
		{"version", edit(`"5.3"`, `"5.3 "`), "dev.lock:2:12: moodle: version: "},
		{"unknown key", edit("sha256:", "sha265:"), "dev.lock:4:3: sha265: unknown key; did you mean sha256?"},
		{"key twice", moodle + "  size: 1\n", "dev.lock:8:3: size: is given a second time"},
		{"architecture", moodle + "  architecture: x86_64\n", "dev.lock:8:17: moodle: architecture: x86_64 is not an architecture of nodes"},
		{"a section", "thing: moodle\n", "dev.lock:1:1: the file is not a list"},
		{"an entry that is a text", "- moodle\n", "dev.lock:1:3: an entry is a section"},
		{"an alias", edit(`"5.3"`, `&a "5.3"`), "moodle: version: is not a plain text"},
		{"a list as a text", edit(`"5.3"`, `["5.3"]`), "moodle: version: is not a plain text"},
		{"two documents", moodle + "---\n" + moodle, "a second document starts here"},
		{"a merge conflict", edit("  sha256", "<<<<<<< HEAD\n  sha256"), "dev.lock:4:1: a merge conflict of git begins here; keep one"},
		{"a merge conflict of a Windows machine", strings.ReplaceAll(edit("  sha256", "<<<<<<< HEAD\n  sha256"), "\n", "\r\n"), "dev.lock:4:1: a merge conflict"},
		{"no YAML", "- [", "dev.lock:1: not readable as YAML"},
		{"no text", "\xff", "dev.lock:1:1: the file is not text in UTF-8"},
		{"too large", strings.Repeat("#", mostBytes+1), "too large for a lock"},
		{"certificates that are none", moodle + "  certificates: [a]\n", "is not exactly one certificate in PEM"},
		{"certificates that are a text", moodle + "  certificates: a\n", "is not a list of certificates"},
	} {
		t.Run(test.name, func(t *testing.T) { wantMistake(t, test.text, test.want) })
	}
}

func TestCertificatesThatWereEditedAreRefused(t *testing.T) {
	e := certificates(t)
	e.Certificates = e.Certificates[:1]
	lock := &Lock{Path: "dev.lock", Entries: []Entry{e}}
	text, err := lock.Encode()
	if err != nil {
		t.Fatal(err)
	}
	wantMistake(t, string(text), "somebody edited them")
	again := authority(t, "again", true)
	wantMistake(t, encoded(t, "2026-11-28", again, again), "certificates: certificate 2 is the same as certificate 1; write the entry again with deploy lock")
	wantMistake(t, encoded(t, "2061-05-22", again), "certificates: certificate 1, again, valid until 2061-05-21, had expired on the day of the entry, 2061-05-22")
	if _, err := Authority(authority(t, "a server", false)); err == nil {
		t.Error("a server's certificate is taken for an authority's")
	}
}

// encoded returns a lock with certificates, as it is written.
func encoded(t *testing.T, date string, all ...string) string {
	t.Helper()
	e := certificates(t)
	e.Date, e.Certificates = date, all
	digest := sha256.Sum256(e.Bundle())
	e.SHA256, e.Size = hex.EncodeToString(digest[:]), int64(len(e.Bundle()))
	text, err := (&Lock{Path: "dev.lock", Entries: []Entry{e}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestMatch(t *testing.T) {
	certs := certificates(t)
	bundle, file := &manifest.Origin{Kind: manifest.OriginCertificates}, &manifest.Origin{Kind: manifest.OriginFile}
	want := manifest.Staged{Name: "moodle", Version: "5.3", Origin: file}
	for _, test := range []struct {
		name         string
		want         manifest.Staged
		entry        Entry
		stale        string
		missing, use bool
	}{
		{name: "no entry", want: want, missing: true},
		{name: "no entry for what the file gives", want: manifest.Staged{Name: "plugin mod/x", URL: "a", SHA256: sum}},
		{name: "the entry", want: want, entry: Entry{Version: "5.3"}, use: true},
		{name: "another version", want: want, entry: Entry{Version: "5.3.1"}, stale: "5.3.1 is not the version that the site wants, 5.3"},
		{name: "a newer 3", want: manifest.Staged{Name: "efs-utils", Version: "3.*", Origin: file, Architecture: "arm64"}, entry: Entry{Version: "3.4.0-1", Architecture: "arm64"}, use: true},
		{name: "a 30", want: manifest.Staged{Name: "efs-utils", Version: "3.*", Origin: file}, entry: Entry{Version: "30.1"}, stale: "30.1 is not the version"},
		{name: "another architecture", want: manifest.Staged{Name: "efs-utils", Version: "3.*", Origin: file, Architecture: "arm64"},
			entry: Entry{Version: "3.4.0-1", Architecture: "amd64"}, stale: "amd64 is not the nodes' architecture, arm64"},
		{name: "no version", want: manifest.Staged{Name: "efs-utils", Version: "3.*", Origin: file}, entry: Entry{Verified: "x"}, stale: "it is missing; the version that the site wants is 3.*"},
		{name: "an architecture of what has none", want: want, entry: Entry{Version: "5.3", Architecture: "arm64"}, stale: "arm64 is given for a file that is the same for all"},
		{name: "another region", want: manifest.Staged{Name: "database-certificates", Region: "eu-west-1", Origin: bundle}, entry: certs, stale: "eu-central-1 is not the site's region, eu-west-1"},
		{name: "certificates", want: manifest.Staged{Name: "database-certificates", Region: "eu-central-1", Origin: bundle}, entry: certs, use: true},
		{name: "certificates without any", want: manifest.Staged{Name: "database-certificates", Origin: bundle}, stale: "must contain certificates", entry: Entry{Verified: "x"}},
		{name: "another address", want: manifest.Staged{Name: "moodle", URL: "b", SHA256: sum}, entry: Entry{Address: "a"}, stale: "a is not the address in the environment file, b"},
		{name: "another checksum", want: manifest.Staged{Name: "moodle", URL: "a", SHA256: "b"}, entry: Entry{Address: "a"}, stale: "is not the checksum in the environment file, b"},
		{name: "a path that nobody gave", want: want, entry: Entry{Version: "5.3", Address: "moodle.tgz"}, stale: "moodle.tgz is not an https address"},
	} {
		t.Run(test.name, func(t *testing.T) {
			lock := &Lock{Path: "dev.lock"}
			if e := test.entry; test.use || test.stale != "" {
				e.Thing = test.want.Name
				if e.SHA256 == "" {
					e.SHA256, e.Size = sum, 4
				}
				if e.Address == "" {
					e.Address = "https://example.com/a"
				}
				lock.Entries = []Entry{e}
			}
			m := lock.Match([]manifest.Staged{test.want})
			if used := m.Staged[0].Bytes != 0; used != test.use || len(m.Missing) > 0 != test.missing || (len(m.Stale) > 0) != (test.stale != "") ||
				test.stale != "" && !strings.Contains(m.Stale.Error(), test.stale) || len(m.Unused) > 0 {
				t.Errorf("%+v", m)
			}
		})
	}
}

func TestAnEntryThatNothingUsesHasAMistake(t *testing.T) {
	lock, err := Parse("dev.lock", []byte(moodle))
	if err != nil {
		t.Fatal(err)
	}
	m := lock.Match(nil)
	if want := "dev.lock:1:3: moodle: nothing in the environment file uses this entry; remove its lines"; m.Unused.Error() != want {
		t.Errorf("%v, want %s", m.Unused, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(moodle))
	f.Fuzz(func(t *testing.T, content []byte) {
		lock, err := Parse("dev.lock", content)
		if err != nil {
			return
		}
		text, err := lock.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse("dev.lock", text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	})
}
