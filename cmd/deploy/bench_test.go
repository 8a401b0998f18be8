//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

// BenchmarkUp runs the built program against the local AWS, through a proxy that counts its calls and takes its time for each, beside
// the least that any deployer can do: the templates put, a change set made, described and executed, the stack looked at until it is
// there. The bucket is set up before.
func BenchmarkUp(b *testing.B) {
	floor := build(b, "./testdata/floor")
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		for _, deployment := range []string{"first", "nothing", "nested change"} {
			b.Run(fmt.Sprintf("%v/%s", latency, deployment), func(b *testing.B) {
				var real, least course
				for b.Loop() {
					real.add(inAccount(b, latency, deployment, func(account *localawstest.Account, url, out string) course {
						return started(b, program(b), account, url, "up", "dev", "--yes", "--folder", out)
					}))
					least.add(inAccount(b, latency, deployment, func(account *localawstest.Account, url, out string) course {
						kind := map[bool]string{true: "create", false: "update"}[deployment == "first"]
						return started(b, floor, account, url, filepath.Join(out, "dev"), manifest.BucketOf("bench", account.ID, localawstest.Region), kind)
					}))
				}
				n := float64(real.runs)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(real.calls)/n, "calls")
				b.ReportMetric(float64(real.calls-real.polls-real.gates)/n, "calls-besides-polls-and-gates")
				b.ReportMetric(float64(least.calls)/n, "calls-floor")
				b.ReportMetric(real.wall.Seconds()*1000/n, "ms-wall")
				b.ReportMetric(least.wall.Seconds()*1000/n, "ms-floor")
				b.ReportMetric(real.wall.Seconds()/least.wall.Seconds(), "x-floor")
				b.ReportMetric(real.cpu.Seconds()*1000/n, "ms-cpu")
				b.ReportMetric(real.memory, "MB")
			})
		}
	}
}

// build builds a program as it is shipped.
func build(b *testing.B, source string) string {
	b.Helper()
	program := filepath.Join(b.TempDir(), "program")
	cmd := exec.Command("go", "build", "-o", program, source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return program
}

// course is how deployments went: sums, and the largest memory.
type course struct {
	runs, calls, polls, gates int
	wall, cpu                 time.Duration
	memory                    float64 // MB
}

func (c *course) add(d course) {
	c.runs, c.calls, c.polls, c.gates = c.runs+1, c.calls+d.calls, c.polls+d.polls, c.gates+d.gates
	c.wall, c.cpu, c.memory = c.wall+d.wall, c.cpu+d.cpu, max(c.memory, d.memory)
}

// inAccount runs a deployment in an account of its own, as far as it has come before.
func inAccount(b *testing.B, latency time.Duration, deployment string, run func(account *localawstest.Account, url, out string) course) course {
	b.Helper()
	account, site := localawstest.New(b), localawstest.Small("bench")
	out := site.Write(b, b.TempDir())
	deploys(b, account, "stage", "dev", "--folder", out)
	if deployment != "first" {
		deploys(b, account, "up", "dev", "--yes", "--folder", out)
	}
	if deployment == "nested change" {
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
	}
	proxy := standBetween(b, account)
	proxy.arrives = func(string) { time.Sleep(latency) }
	c := run(account, proxy.URL, site.Write(b, b.TempDir()))
	proxy.Close()
	c.calls, c.polls = len(proxy.calls), proxy.count["DescribeStackEvents"]
	c.gates = proxy.count["ListChangeSets"] + proxy.count["ListImports"] + proxy.count["ListStackResources"] + max(0, proxy.count["GetTemplate"]-1)
	return c
}

// started runs the program and measures it.
func started(b *testing.B, program string, account *localawstest.Account, url string, args ...string) course {
	b.Helper()
	cmd := deployer(b, account, url, args...)
	cmd.Path = program
	begin := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	c := course{wall: time.Since(begin), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = float64(usage.Maxrss) / 1024 // Linux counts in KB, macOS in bytes
		if runtime.GOOS == "darwin" {
			c.memory /= 1024
		}
	}
	return c
}
