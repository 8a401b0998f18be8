// Package release says which version of gen and deploy is running.
package release

import (
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
)

// Unreleased is the version of programs that were not built by make release.
const Unreleased = "dev"

// version is set by make release: -ldflags "-X distributed-moodle/internal/release.version=v1.2.3".
var version string

// form is that of a released version, as git tags have it: v1.2.3 or v1.2.3-rc.1.
var form = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

// Version returns the released version that runs, v1.2.3, or [Unreleased]. It is never a revision: what is generated
// says which version made it, and cannot contain the revision that it is committed in.
func Version() string {
	if !Valid(version) {
		return Unreleased
	}
	return version
}

// Valid reports whether a text is the version of a release.
func Valid(version string) bool { return form.MatchString(version) }

// Build returns the version with what it was built from, for people: "v1.2.3 (go1.26.8, linux/amd64)". Where git's
// revision was built in, it is there, too.
func Build() string {
	return fmt.Sprintf("%s (%s%s, %s/%s)", Version(), revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// revision returns the revision that was built in, ready to be followed by more, or "".
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	if commit == "" {
		return ""
	}
	return "revision " + commit + changed + ", "
}
