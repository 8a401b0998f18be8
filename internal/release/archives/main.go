// Command archives builds the archives of a release: gen and deploy for each platform, packed with the licence and
// the lists of what they consist of, and the checksums of the archives.
//
// The same sources and the same Go give the same bytes, in whatever folder and whenever they are built.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"distributed-moodle/internal/release"
)

// platforms are those that are built when none are named.
const platforms = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64"

func main() {
	version := flag.String("version", "", "of the release: v1.2.3")
	out := flag.String("out", "dist", "folder to write to")
	only := flag.String("platforms", platforms, "what to build for")
	flag.Parse()
	if err := run(*version, *out, strings.Split(*only, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(version, out string, platforms []string) error {
	if !release.Valid(version) {
		return fmt.Errorf("%q is not a version: check out a tag such as v1.2.3 without changes, or name one: make release VERSION=v1.2.3", version)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	var sums strings.Builder
	for _, platform := range platforms {
		system, machine, ok := strings.Cut(platform, "/")
		if !ok {
			return fmt.Errorf("%q is not a platform; linux/amd64 is one", platform)
		}
		b := build{version: version, system: system, machine: machine, work: work}
		fmt.Fprintf(os.Stderr, "building %s for %s …\n", version, platform)
		sum, err := b.archive(out)
		if err != nil {
			return fmt.Errorf("build for %s: %w", platform, err)
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, b.name()+b.ending())
	}
	return write(out, "SHA256SUMS", []byte(sums.String()))
}
