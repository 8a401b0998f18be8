//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"distributed-moodle/internal/localawstest"
)

// school is a folder in which an administrator works, as in the repository: environments/ and out/.
type school struct {
	t       *testing.T
	folder  string
	gen     string
	account *localawstest.Account
	hosts   *outside
}

func openSchool(t *testing.T) *school {
	s := &school{t: t, folder: t.TempDir(), account: localawstest.New(t), hosts: openOutside(t)}
	s.gen = filepath.Join(s.folder, "gen")
	cmd := exec.Command("go", "build", "-o", s.gen, "../gen")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build gen: %v\n%s", err, said)
	}
	if err := os.Mkdir(filepath.Join(s.folder, "environments"), 0o755); err != nil {
		t.Fatal(err)
	}
	return s
}

// environment writes an environment file: that of dev, for a site of a name.
func (s *school) environment(name, site string) {
	s.t.Helper()
	dev, err := os.ReadFile("../../environments/dev.yaml")
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.Contains(string(dev), "sha256") {
		s.t.Error("the example of an environment file has a checksum")
	}
	s.write("environments/"+name+".yaml", strings.Replace(string(dev), "site: moodle-dev", "site: "+site, 1))
}

func (s *school) write(file, content string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.folder, file), []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *school) read(file string) string {
	s.t.Helper()
	content, err := os.ReadFile(filepath.Join(s.folder, file))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(content)
}

// run runs a program in the folder, by way of the proxy, and checks how it ends and what it says.
func (s *school) run(code int, program string, args string, words ...string) {
	s.t.Helper()
	cmd := exec.Command(program, strings.Fields(args)...)
	cmd.Dir = s.folder
	cmd.Env = append(s.account.Environ(), "HTTPS_PROXY="+s.hosts.proxy.URL, "SSL_CERT_FILE="+s.hosts.ca, "HOME="+s.folder, "PATH="+os.Getenv("PATH"))
	said, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		s.t.Fatalf("%s %s: exit code %d, want %d\n%s", filepath.Base(program), args, got, code, said)
	}
	for _, word := range words {
		without, no := strings.CutPrefix(word, "!")
		if strings.Contains(string(said), without) == no {
			s.t.Errorf("%s %s: %q in\n%s", filepath.Base(program), args, word, said)
		}
	}
}

// A first deployment needs no checksum from a person but the review of the lock; a second site needs no host but AWS.
func TestAFirstDeploymentWithALock(t *testing.T) {
	s := openSchool(t)
	deploy := program(t)
	s.environment("dev", "lock-one")
	s.run(0, s.gen, "dev", "run: deploy lock dev, then gen again")
	s.run(3, deploy, "up dev --yes", "not-staged", "run deploy lock dev, review the lock, and generate the folder again")
	written := s.read("environments/dev.yaml")
	s.write("environments/dev.yaml", written+"# one more line\n")
	s.run(3, deploy, "lock dev", "the folder of dev was generated from another environments/dev.yaml than there is now", "make templates")
	s.write("environments/dev.yaml", written)
	s.run(0, deploy, "lock dev", "environments/dev.lock has 3 entries; review it, then generate the folder again")
	lock := s.read("environments/dev.lock")
	for _, want := range []string{"version: 3.10.0-1", "# Amazon RDS eu-central-1 Root CA of the test, valid until ", "https, index of 2026-11-27", "the checksum that is published beside it"} {
		if !strings.Contains(lock, want) {
			t.Errorf("%q is not in the lock:\n%s", want, lock)
		}
	}
	s.run(0, s.gen, "dev", "!deploy lock", "changed out/dev/site.json", "created out/dev/node/database-certificates.pem")
	if said := s.read("out/dev/site.json"); !strings.Contains(said, `"name": "Amazon RDS eu-central-1 Root CA of the test",`) {
		t.Errorf("the manifest does not say whose certificates nodes take:\n%s", said)
	}
	s.run(0, deploy, "up dev --yes", "!not-staged", "lock-one is deployed", "fetching moodle from https://packaging.moodle.org/stable503/moodle-5.3.tgz")
	s.run(0, deploy, "lock dev", "environments/dev.lock is up to date: 3 entries")

	// Offline the lock stays as it is, and the second site takes the bytes from the first one's bucket.
	s.hosts.closed.Store(true)
	s.run(1, deploy, "lock dev", "not everything could be locked", "it keeps its entry of ", "the entries that it keeps are used",
		"moodle: fetch https://packaging.moodle.org/stable503/moodle-5.3.tgz.sha256: the proxy "+s.hosts.proxy.URL+" answers 502 Bad Gateway")
	if s.read("environments/dev.lock") != lock {
		t.Error("a run without a network has changed the lock")
	}
	s.environment("second", "lock-two")
	s.write("environments/second.lock", lock)
	s.run(0, s.gen, "second", "!deploy lock")
	s.run(0, deploy, "stage second", "taking moodle from bucket lock-one-artifacts-", "taking efs-utils from bucket lock-one-artifacts-",
		"everything that nodes need from outside is in lock-two-artifacts-")
	s.run(0, deploy, "up second --yes", "!not-staged", "lock-two is deployed")
}
