package node

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// metadataService starts what stands for the metadata service in the tests that boot machines, for this machine's loopback address. It
// returns its address, a function that sets what it says, and its output, which has a line for each answer.
func metadataService(t *testing.T) (address string, says func(string), answers *bufio.Scanner) {
	t.Helper()
	python := tool(t, "python3")
	state := t.TempDir()
	says = func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(state, "new"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(state, "new"), filepath.Join(state, "127.0.0.1.json")); err != nil {
			t.Fatal(err)
		}
	}
	says(`{"instance-id": "i-1"}`)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	service := exec.CommandContext(ctx, python, "-m", "fleet.harness.metadata_service", state, "127.0.0.1", strconv.Itoa(port))
	service.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	service.Stderr = os.Stderr
	out, err := service.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = service.Wait() // killed, which it says
	})
	for try := 0; ; try++ {
		connection, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
		if err == nil {
			_ = connection.Close() // it was made to see that somebody listens
			break
		}
		if try == 200 {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Sprintf("http://127.0.0.1:%d/latest/", port), says, bufio.NewScanner(out)
}

func asked(t *testing.T, method, url, header, value string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(header, value)
	answer, err := http.DefaultTransport.(*http.Transport).Clone().RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text := make([]byte, 1000)
	n, _ := answer.Body.Read(text)
	return answer.StatusCode, string(text[:n])
}

// TestMetadataService holds the double to what AWS's service refuses: a node that is sound with a service that forgives is not sound.
func TestMetadataService(t *testing.T) {
	address, says, _ := metadataService(t)
	const lifetime, token = "X-aws-ec2-metadata-token-ttl-seconds", "X-aws-ec2-metadata-token"
	for value, want := range map[string]int{"": 400, "0": 400, "21601": 400, "-1": 400, "x": 400, "1": 200, "21600": 200} {
		if status, _ := asked(t, "PUT", address+"api/token", lifetime, value); status != want {
			t.Errorf("a token for %q seconds: %d, not %d", value, status, want)
		}
	}
	_, short := asked(t, "PUT", address+"api/token", lifetime, "1")
	_, usual := asked(t, "PUT", address+"api/token", lifetime, "300")
	status, body := asked(t, "GET", address+"meta-data/instance-id", token, usual)
	if status != 200 || body != "i-1" {
		t.Errorf("with a token: %d %q", status, body)
	}
	if status, _ := asked(t, "GET", address+"meta-data/nothing", token, usual); status != 404 {
		t.Errorf("a path that is not there: %d", status)
	}
	for _, wrong := range []string{"", "unknown"} {
		if status, _ := asked(t, "GET", address+"meta-data/instance-id", token, wrong); status != 401 {
			t.Errorf("with the token %q: %d", wrong, status)
		}
	}
	says(`{"instance-id": "i-1", "ahead": 1}`)
	if status, _ := asked(t, "GET", address+"meta-data/instance-id", token, short); status != 401 {
		t.Errorf("with a token that is over: %d", status)
	}
	says(`{"instance-id": "i-1", "ahead": 3}`) // the double's own limit
	if status, _ := asked(t, "GET", address+"meta-data/instance-id", token, usual); status != 401 {
		t.Errorf("with a token that the double has cut short: %d", status)
	}
}

// TestDrainHears has the node's own program wait for the word that it is to go, while token after token ends.
func TestDrainHears(t *testing.T) {
	php := tool(t, "php")
	if !strings.Contains(run(t, php, "-m"), "curl") {
		t.Skip("PHP's module curl is not installed: apt-get install php-curl")
	}
	address, says, answers := metadataService(t)
	program := exec.Command(php, "-r", `
		require $argv[1];
		$http = new class extends Node\Http { public function pause(int $seconds): void { usleep(100_000); } };
		$metadata = new Node\Metadata($http, $argv[2]);
		(new Node\Drain(new Node\Aws(new Node\Settings([], []), $http, $metadata), $http))->await();
		echo "heard";`, files+"/php/drain.php", address)
	var out strings.Builder
	program.Stdout, program.Stderr = &out, &out
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	refused, ahead, moved := 0, 0, false
	for refused < 2 && answers.Scan() {
		switch said := answers.Text(); {
		case strings.HasSuffix(said, " 401"):
			refused++
			moved = false
		case strings.Contains(said, " GET ") && !moved: // it has a token: now that token ends
			ahead += 3
			says(fmt.Sprintf(`{"instance-id": "i-1", "ahead": %d}`, ahead))
			moved = true
		}
	}
	go func() { // who writes must not wait for a reader
		for answers.Scan() {
			continue
		}
	}()
	says(`{"instance-id": "i-1", "lifecycle": "Terminated"}`)
	if err := program.Wait(); err != nil || out.String() != "heard" || refused != 2 {
		t.Errorf("after %d tokens that had ended: %v %s", refused, err, out.String())
	}
}
