//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"distributed-moodle/internal/localawstest"
)

// between stands between one deployer and the local AWS. It knows each call by its name and how often it has come by, such as
// "DescribeChangeSet 2", and lets a test act when one arrives or has been done.
type between struct {
	*httptest.Server
	arrives func(call string) // before the server has read it
	done    func(call string) // the server has done it, and its answer is on the way

	lock  sync.Mutex
	count map[string]int
	calls []string // in their order
}

// standBetween begins to stand between an account and whoever asks it.
func standBetween(t testing.TB, account *localawstest.Account) *between {
	t.Helper()
	server, err := url.Parse(account.URL)
	if err != nil {
		t.Fatal(err)
	}
	b := &between{arrives: func(string) {}, done: func(string) {}, count: map[string]int{}}
	forward := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(server) },
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // the deployer has gone
	}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, arrives, done := b.pass(r)
		arrives(call)
		forward.ServeHTTP(&answer{w, func() { done(call) }}, r)
	}))
	t.Cleanup(b.Close)
	return b
}

// answer is an answer before whose first byte something is done.
type answer struct {
	http.ResponseWriter
	first func()
}

func (a *answer) WriteHeader(status int) {
	a.first()
	a.ResponseWriter.WriteHeader(status)
}

// act has something done at a moment; before the first call comes by.
func (b *between) act(m moment, do func(call string)) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if m.done {
		b.done = do
	} else {
		b.arrives = do
	}
}

// pass names a call and writes it down. It gives what is to be done when it arrives and when it has been done.
func (b *between) pass(r *http.Request) (call string, arrives, done func(call string)) {
	name := nameOf(r)
	b.lock.Lock()
	defer b.lock.Unlock()
	b.count[name]++
	call = fmt.Sprintf("%s %d", name, b.count[name])
	b.calls = append(b.calls, call)
	return call, b.arrives, b.done
}

// nameOf is a call's action, which some services have in a header, or for S3 its method and what it is about.
func nameOf(r *http.Request) string {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		form, _ := url.ParseQuery(string(body))
		return form.Get("Action")
	}
	if _, action, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return action
	}
	switch path := strings.Trim(r.URL.Path, "/"); {
	case strings.Contains(path, "/"):
		return r.Method + "-object"
	case r.URL.RawQuery == "" || strings.HasPrefix(r.URL.RawQuery, "x-id="):
		return r.Method + "-bucket"
	}
	query, _, _ := strings.Cut(r.URL.RawQuery, "=")
	return r.Method + "-bucket-" + query
}

// deployer is a process of deploy in an account, in a directory of its own: it shares nothing with another one but the folder.
func deployer(t testing.TB, account *localawstest.Account, url string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(account.Environ(), "AWS_ENDPOINT_URL="+url, "PATH="+os.Getenv("PATH"), "HOME="+cmd.Dir)
	return cmd
}

// inFolder runs the tests with a folder for the program that some of them start by the hundred.
type inFolder struct{ *testing.M }

var folderOfProgram string

func (m inFolder) Run() int {
	var err error
	if folderOfProgram, err = os.MkdirTemp("", "deploy"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(folderOfProgram)
	return m.M.Run()
}

// built is deploy as it is shipped: the tests' own binary, with the race detector in it, takes its time to start.
var built = sync.OnceValues(func() (string, error) {
	program := filepath.Join(folderOfProgram, "deploy")
	cmd := exec.Command("go", "build", "-o", program, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return program, err
})

func program(t testing.TB) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// deploys runs a deployer that must end well, and gives what it said.
func deploys(t testing.TB, account *localawstest.Account, args ...string) string {
	t.Helper()
	said, err := deployer(t, account, account.URL, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("deploy %s: %v\n%s", strings.Join(args, " "), err, said)
	}
	return string(said)
}
