package release

import (
	"runtime"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	for linked, want := range map[string]string{
		"": "dev", "v1.2.3": "v1.2.3", "v0.1.0-rc.1": "v0.1.0-rc.1", "1.2.3": "dev", "v1.2": "dev", "2cf9740": "dev", "v1.2.3\nx": "dev",
	} {
		version = linked
		if got := Version(); got != want {
			t.Errorf("%q: got %s, want %s", linked, got, want)
		}
	}
	version = ""
	if got := Build(); !strings.HasPrefix(got, "dev (") || !strings.Contains(got, runtime.Version()+", "+runtime.GOOS+"/"+runtime.GOARCH+")") {
		t.Errorf("got %s", got)
	}
}
