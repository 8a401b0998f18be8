package deploy_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"

	"distributed-moodle/internal/localawstest"
)

// BenchmarkUpWithoutChanges is the command that runs most often: at most 5 calls and 0.3 s.
func BenchmarkUpWithoutChanges(b *testing.B) {
	localawstest.New(b).Use(b)
	out := localawstest.Small("bench").Write(b, b.TempDir())
	up(b, out)
	calls := 0
	for b.Loop() {
		var c counter
		r := &run{t: b, out: out, options: []func(*config.LoadOptions) error{c.client()}}
		if err := r.up(); err != nil {
			b.Fatal(err)
		}
		calls = c.but()
	}
	b.ReportMetric(float64(calls), "calls/op")
}
