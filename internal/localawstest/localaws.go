// Package localawstest starts the project's local AWS (the Python package localaws/) for Go tests.
//
// One server serves a whole test binary. Each test takes an account of its own, so that tests run side by side and
// never see each other's stacks. The server listens on loopback, on a free port, and ends when the test binary does: it
// watches its standard input, which the system closes with the process.
package localawstest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"distributed-moodle/internal/deploy/account"
)

// Region is where the tests' sites are.
const Region = "eu-central-1"

// Account is one empty account of the local AWS.
type Account struct {
	URL string // of the server
	ID  string // 12 digits; as an access key it is the account
}

var (
	start    sync.Once
	server   string
	startErr error
	accounts atomic.Int64
)

// New returns an empty account for a test. It skips the test if the local AWS is not installed.
func New(t testing.TB) *Account {
	t.Helper()
	python := filepath.Join(root(), ".venv", "localaws", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		t.Skip("no local AWS: run make .venv/localaws/bin/python")
	}
	start.Do(func() { server, startErr = run(python) })
	if startErr != nil {
		t.Fatal(startErr)
	}
	return &Account{URL: server, ID: fmt.Sprintf("%012d", 100000000000+accounts.Add(1))}
}

// root returns the module's root: this file is internal/localawstest/localaws.go in it.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// run starts the server, waits until it is ready, and returns its address.
func run(python string) (string, error) {
	cmd := exec.Command(python, "-m", "localaws", "--port", "0", "--until-stdin-closes")
	cmd.Dir = root()
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if _, err := cmd.StdinPipe(); err != nil {
		return "", fmt.Errorf("start the local AWS: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", fmt.Errorf("start the local AWS: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("start the local AWS: %w", err)
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if url, ready := strings.CutPrefix(strings.TrimSpace(line), "ready "); ready {
			go func() { // it also keeps cmd, and with it the pipe to standard input, from the garbage collector
				_, _ = io.Copy(io.Discard, lines)
				_ = cmd.Wait()
			}()
			return url, nil
		}
		if err != nil {
			return "", fmt.Errorf("the local AWS ended before it was ready: %w\n%s", err, complaints.String())
		}
	}
}

// Environ returns the environment of a command that is to use the account, without the user's own AWS configuration.
func (a *Account) Environ() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + a.URL, "AWS_ACCESS_KEY_ID=" + a.ID, "AWS_SECRET_ACCESS_KEY=local",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_PROFILE=", "AWS_CA_BUNDLE=", "AWS_REGION=", "AWS_DEFAULT_REGION=", "AWS_SESSION_TOKEN=",
	}
}

// Config returns the configuration of a client of the account, with the deployer's retries.
func (a *Account) Config() aws.Config {
	return aws.Config{
		Region: Region, BaseEndpoint: aws.String(a.URL), Retryer: account.Retryer, HTTPClient: account.PlainBodies(nil),
		Credentials: credentials.NewStaticCredentialsProvider(a.ID, "local", ""),
	}
}

// Use sets the account's environment for the test's own process; such a test can't run in parallel.
func (a *Account) Use(t testing.TB) {
	t.Helper()
	for _, variable := range a.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
}

// Set changes settings of the local AWS (localaws/controls/settings.py): times, and failures by logical id. They apply
// to every account, so a test uses its own logical ids.
func (a *Account) Set(t testing.TB, settings map[string]any) {
	t.Helper()
	body, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Turn(string(body)); err != nil {
		t.Fatal(err)
	}
}

// Turn is [Account.Set] with the settings as JSON.
func (a *Account) Turn(settings string) error {
	turned.Lock()
	defer turned.Unlock()
	merged, err := a.merge(settings)
	if err != nil {
		return fmt.Errorf("set %s: %w", settings, err)
	}
	answer, err := http.Post(a.URL+"/_localaws/settings", "application/json", bytes.NewReader(merged))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("set %s: %s: %s", settings, answer.Status, text)
	}
	return nil
}

// Passes moves the clock of the local AWS on (localaws/controls/clock.py), and lets go of it when the test ends. It is
// the clock of every account, so such a test can't run beside others.
func (a *Account) Passes(t testing.TB, d time.Duration) {
	t.Helper()
	post := func(path, body string) {
		t.Helper()
		answer, err := http.Post(a.URL+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("POST %s %s: %s", path, body, answer.Status)
		}
	}
	post("/_localaws/clock", fmt.Sprintf(`{"advance_seconds": %g}`, d.Seconds()))
	t.Cleanup(func() { post("/_localaws/clock", `{"release": true}`) })
}

// turned holds what the tests of this process have set, by setting and by account.
var turned = struct {
	sync.Mutex
	tables map[string]map[string]map[string]any
}{tables: map[string]map[string]map[string]any{"slow": {}, "hold": {}, "fail": {}, "fail_delete": {}, "fail_rollback": {}, "change_set_fail": {}}}

// merge adds what other accounts have set: the server has one table for all, and tests run concurrently. Values that
// the server counts down are sent as they are.
func (a *Account) merge(settings string) ([]byte, error) {
	var given, now map[string]any
	if err := json.Unmarshal([]byte(settings), &given); err != nil {
		return nil, err
	}
	answer, err := http.Get(a.URL + "/_localaws/settings")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&now); err != nil {
		return nil, err
	}
	for name, accounts := range turned.tables {
		own, ok := given[name].(map[string]any)
		if !ok {
			continue
		}
		all, _ := now[name].(map[string]any)
		if all == nil {
			all = map[string]any{}
		}
		for id := range accounts[a.ID] {
			delete(all, id)
		}
		maps.Copy(all, own)
		accounts[a.ID], given[name] = own, all
	}
	return json.Marshal(given)
}
