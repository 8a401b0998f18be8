//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// BenchmarkProcess measures the built program over the committed environments, as a person starts it, beside an empty Go program
// that is started in between: the ratio says what generating costs, whatever else the machine is doing.
func BenchmarkProcess(b *testing.B) {
	bin := b.TempDir()
	empty := filepath.Join(bin, "empty.go")
	if err := os.WriteFile(empty, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	build(b, filepath.Join(bin, "gen"), ".")
	build(b, filepath.Join(bin, "empty"), empty)
	out := filepath.Join(bin, "out")
	args := []string{"--environments", "../../environments", "--out", out}
	start(b, filepath.Join(bin, "gen"), args...) // the first run writes everything

	var gen, none spent
	n := 0
	for b.Loop() {
		gen.add(start(b, filepath.Join(bin, "gen"), args...))
		none.add(start(b, filepath.Join(bin, "empty")))
		n++
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(gen.wall.Seconds()*1000/float64(n), "ms-wall")
	b.ReportMetric(gen.cpu.Seconds()*1000/float64(n), "ms-cpu")
	b.ReportMetric(gen.memory, "MB")
	b.ReportMetric(gen.wall.Seconds()/none.wall.Seconds(), "x-empty-program")
}

// spent is what runs of a program took: times added up, the largest memory.
type spent struct {
	wall, cpu time.Duration
	memory    float64 // MB
}

func (u *spent) add(v spent) {
	u.wall, u.cpu, u.memory = u.wall+v.wall, u.cpu+v.cpu, max(u.memory, v.memory)
}

func build(b *testing.B, to, source string) {
	b.Helper()
	cmd := exec.Command("go", "build", "-o", to, source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as make templates does: no dynamic linker at the start
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
}

func start(b *testing.B, program string, args ...string) spent {
	b.Helper()
	cmd := exec.Command(program, args...)
	begin := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	s := cmd.ProcessState
	memory := float64(s.SysUsage().(*syscall.Rusage).Maxrss) / 1024 // Linux counts kilobytes
	return spent{time.Since(begin), s.UserTime() + s.SystemTime(), memory}
}
