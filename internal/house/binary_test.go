package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The size of deploy as it is given away, without symbols. What is larger by megabytes holds something that nobody wanted: mostly
// a package that calls methods by names of its input, for which the linker keeps every method of the SDK (reflect.Value.MethodByName).
const deployMax = 20_000_000 // bytes

func TestDeployIsSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program, which takes a minute where nothing is compiled yet")
	}
	program := filepath.Join(t.TempDir(), "deploy")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "./cmd/deploy")
	build.Dir = root(t)
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as make install and make release build it
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build deploy: %v\n%s", err, out)
	}
	file, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	if file.Size() > deployMax {
		t.Errorf("deploy has %d bytes, more than %d: `go list -deps ./cmd/deploy` and `go build -ldflags=-dumpdep ./cmd/deploy` show what it holds", file.Size(), deployMax)
	}
}
