package deploy_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"

	"distributed-moodle/internal/localawstest"
)

// counter counts calls at the level of HTTP: by action, or for S3 by method and what is asked about.
type counter struct {
	lock  sync.Mutex
	calls map[string]int
}

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	name := r.Method + " object"
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		name = target[strings.Index(target, ".")+1:]
	} else if r.URL.RawQuery != "" && !strings.HasPrefix(r.URL.RawQuery, "x-id=") {
		name = r.Method + " bucket " + r.URL.RawQuery
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		form, _ := url.ParseQuery(string(body))
		name = form.Get("Action")
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	c.lock.Lock()
	c.calls[name]++
	c.lock.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

func (c *counter) client() func(*config.LoadOptions) error {
	c.calls = map[string]int{}
	return config.WithHTTPClient(&http.Client{Transport: c})
}

// but sums all calls except some.
func (c *counter) but(except ...string) int {
	sum := 0
	for name, n := range c.calls {
		if !slices.Contains(except, name) && !strings.HasPrefix(name, "PUT bucket") {
			sum += n
		}
	}
	return sum
}

// lookUps is how many calls only look: who else plans, which stacks there are, what is deployed in those that change,
// whether the bucket is still closed.
func (c *counter) lookUps() int {
	return c.calls["GET bucket policy="] + c.calls["GET bucket publicAccessBlock="] + c.calls["ListChangeSets"] + c.calls["ListImports"] + c.calls["ListStackResources"] + max(0, c.calls["GetTemplate"]-1)
}

func (c *counter) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(c.calls)) {
		b.WriteString("\n  " + name + " " + strings.Repeat("|", c.calls[name]))
	}
	return b.String()
}

func TestCalls(t *testing.T) {
	for name, test := range map[string]struct {
		site *localawstest.Folder
		look int // after how long a log group is deleted that a service made
	}{
		"small": {localawstest.Small("calls"), 0}, "with a service's log": {logged("calls", 14), 1},
	} {
		t.Run(name, func(t *testing.T) { countCalls(t, test.site, test.look) })
	}
}

func countCalls(t *testing.T, site *localawstest.Folder, look int) {
	localawstest.New(t).Use(t)
	dir := t.TempDir()
	const polling = "DescribeStackEvents"
	for _, deploy := range []struct {
		name   string
		change func()
		most   int
	}{
		{"first deployment", func() {}, 20},
		{"no change", func() {}, 5},
		{"one nested change", func() { site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1) }, 20 + look},
	} {
		t.Run(deploy.name, func(t *testing.T) {
			deploy.change()
			var c counter
			r := &run{t: t, out: site.Write(t, dir), options: []func(*config.LoadOptions) error{c.client()}}
			if err := r.up(); err != nil {
				t.Fatal(err)
			}
			if got := c.but(polling) - c.lookUps(); got > deploy.most {
				t.Errorf("%d calls besides polling and look-ups, want at most %d:%s", got, deploy.most, &c)
			}
			t.Log(c.but(polling), &c)
		})
	}
}
