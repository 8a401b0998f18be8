package lockfile

import (
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/mistake"
)

// Match is what a lock says about the things that a site wants.
type Match struct {
	Staged       []manifest.Staged // the things, with what the lock says about each
	Certificates []byte            // of the database; nil if the lock does not have them
	Missing      []string          // things that have no entry and need one
	Stale        mistake.Mistakes  // entries for another version, region …: deploy lock replaces them
	Unused       mistake.Mistakes  // entries that nothing uses: a person removes them
}

// Match fills in what the lock says about the things that a site wants.
func (l *Lock) Match(wants []manifest.Staged) *Match {
	m := &Match{Staged: slices.Clone(wants)}
	for i := range m.Staged {
		want := &m.Staged[i]
		e := l.Of(want.Name)
		if e == nil {
			if want.SHA256 == "" {
				m.Missing = append(m.Missing, want.Name)
			}
			continue
		}
		if field, why := e.differs(*want); why != "" {
			m.Stale = append(m.Stale, e.mistake(l.Path, field, "%s", why))
			continue
		}
		want.URL, want.SHA256, want.Bytes = e.Address, e.SHA256, e.Size
		if want.Bundled() {
			m.Certificates, want.Certificates = e.Bundle(), e.Authorities()
		}
	}
	for i := range l.Entries {
		e := &l.Entries[i]
		if !slices.ContainsFunc(wants, func(w manifest.Staged) bool { return w.Name == e.Thing }) {
			const unused = "nothing in the environment file uses this entry; remove its lines"
			m.Unused = append(m.Unused, e.mistake(l.Path, "", unused))
		}
	}
	return m
}

// Fits reports whether an entry is about the file that a site wants.
func (e *Entry) Fits(want manifest.Staged) bool {
	_, why := e.differs(want)
	return why == ""
}

// differs returns the field in which an entry is not about the file that a site wants, and why; "" if it is.
func (e *Entry) differs(want manifest.Staged) (field, why string) {
	field, why = e.difference(want)
	if why != "" {
		why += "; the entry is stale and not used until deploy lock has written it again"
	}
	return field, why
}

func (e *Entry) difference(want manifest.Staged) (field, why string) {
	switch {
	case !Accepts(want.Version, e.Version):
		return "version", unlike(e.Version, want.Version, "the version that the site wants")
	case e.Architecture != want.Architecture:
		return "architecture", unlike(e.Architecture, want.Architecture, "the nodes' architecture")
	case e.Region != want.Region:
		return "region", unlike(e.Region, want.Region, "the site's region")
	case want.Given() && e.Address != want.URL:
		return "address", unlike(e.Address, want.URL, "the address in the environment file")
	case want.Given() && e.SHA256 != want.SHA256:
		return "sha256", unlike(e.SHA256, want.SHA256, "the checksum in the environment file")
	case !want.Given() && !strings.HasPrefix(e.Address, "https://"):
		return "address", mistake.Show(e.Address) + " is not an https address; only the environment file may give a path"
	case want.Bundled() != (len(e.Certificates) > 0):
		return "certificates", "the entry must contain certificates exactly if the node's bundle is to contain the thing"
	}
	return "", ""
}

// unlike says how what an entry has differs from what the site wants.
func unlike(has, want, what string) string {
	switch {
	case has == "":
		return fmt.Sprintf("it is missing; %s is %s", what, want)
	case want == "":
		return mistake.Show(has) + " is given for a file that is the same for all"
	}
	return fmt.Sprintf("%s is not %s, %s", mistake.Show(has), what, want)
}

// Accepts reports whether a version is the one that a site wants: exactly it, or for "3.*" any 3.
func Accepts(want, version string) bool {
	if line, any := strings.CutSuffix(want, "*"); any {
		if _, upstream, epoch := strings.Cut(version, ":"); epoch { // Debian's 1:3.3.0-1
			version = upstream
		}
		return strings.HasPrefix(version, line)
	}
	return version == want
}
