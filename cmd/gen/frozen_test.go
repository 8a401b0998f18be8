package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What people and CI jobs type goes on to work: a flag may come, none may go or mean something else.
func TestFlagsAreFrozen(t *testing.T) {
	var documented []string
	for _, flag := range regexp.MustCompile(`(?m)^  (--\w+)`).FindAllStringSubmatch(usage, -1) {
		documented = append(documented, flag[1])
	}
	want := []string{"--check", "--list", "--environments", "--out", "--version"}
	if diff := cmp.Diff(want, documented); diff != "" {
		t.Errorf("there are other flags (-want +got):\n%s", diff)
	}
	environments, out := t.TempDir(), t.TempDir()
	dev, err := os.ReadFile("../../environments/dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(environments, "dev.yaml"), dev, 0o644); err != nil {
		t.Fatal(err)
	}
	folders := []string{"--environments", environments, "--out", out}
	for _, test := range []struct {
		args []string
		code int // 0 done, 1 an error, 2 stale
	}{
		{[]string{"--check"}, 2}, {[]string{"--list"}, 0}, {[]string{"dev"}, 0}, {[]string{"--check", "dev"}, 0}, {[]string{"nowhere"}, 1},
		{[]string{"--nonsense"}, 1}, {[]string{"--help"}, 0},
	} {
		if code := run(append(folders, test.args...), io.Discard, io.Discard); code != test.code {
			t.Errorf("gen %v exits %d, want %d", test.args, code, test.code)
		}
	}
}
