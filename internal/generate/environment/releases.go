package environment

import (
	"strconv"
	"strings"
)

// Release is a branch of Moodle and what it runs on.
//
// Source: Moodle's environment.xml and the release notes at moodledev.io/general/releases, as of 2026-11-23. For 5.3 a draft of
// August 2026 named PostgreSQL 16, the released file is reported to name 17; 17 satisfies both.
type Release struct {
	Branch      string // 5.3
	PHP         [2]string
	PostgreSQL  int    // the oldest major version
	SecurityEnd string // the day of the last security fixes, 2029-10-01
	Public      bool   // the web server's root is the folder public/ of the code
}

// releases are newest first.
var releases = []Release{
	{"5.3", [2]string{"8.3", "8.4"}, 17, "2029-10-01", true},
	{"5.2", [2]string{"8.3", "8.4"}, 16, "2027-10-04", true},
	{"5.1", [2]string{"8.2", "8.4"}, 15, "2027-04-19", true},
	{"5.0", [2]string{"8.2", "8.4"}, 14, "2026-10-05", false},
	{"4.5", [2]string{"8.1", "8.3"}, 13, "2027-10-04", false},
	{"4.4", [2]string{"8.1", "8.3"}, 13, "2025-12-08", false},
	{"4.1", [2]string{"7.4", "8.1"}, 12, "2025-12-08", false},
}

// lastLook is the day on which the table of releases was last compared with Moodle's; a release whose fixes ended before is refused.
// The deployer warns about one that ended later: the generator does not read the clock, so that its output never changes with the date.
const lastLook = "2026-11-23"

// nodePHP is the PHP of Ubuntu 24.04, on which a node runs.
const nodePHP = "8.3"

// ReleaseOf returns the branch of a Moodle version such as 5.3 or 5.1.7, if it is known.
func ReleaseOf(version string) (Release, bool) {
	parts := strings.Split(version, ".")
	for _, r := range releases {
		if len(parts) >= 2 && r.Branch == parts[0]+"."+parts[1] {
			return r, true
		}
	}
	return Release{}, false
}

// checkVersions reports versions of Moodle, PHP and PostgreSQL that do not run together.
func (c *checker) checkVersions(e *Environment) {
	if !c.valid("moodle.version") {
		return
	}
	const key = "moodle.version"
	r, known := ReleaseOf(e.Moodle.Version)
	switch {
	case !known:
		c.reject(key, "%s is not known to this program; use one of %s", e.Moodle.Version, list(maintained()))
		return
	case minor(nodePHP) < minor(r.PHP[0]) || minor(nodePHP) > minor(r.PHP[1]):
		c.reject(key, "%s runs on PHP %s to %s, but a node has %s (Ubuntu 24.04); use one of %s", e.Moodle.Version, r.PHP[0], r.PHP[1], nodePHP, list(maintained()))
		return
	case r.SecurityEnd < lastLook:
		c.reject(key, "%s has had no security fixes since %s; use one of %s", e.Moodle.Version, r.SecurityEnd, list(maintained()))
		return
	}
	major, _ := strconv.Atoi(strings.Split(e.Database.Version, ".")[0])
	if c.valid("database.version") && major < r.PostgreSQL {
		c.reject("database.version", "Moodle %s refuses PostgreSQL %d; use %d or newer, e.g. \"%v\"", e.Moodle.Version, major, r.PostgreSQL, rules["database.version"].standard)
	}
}

// minor returns a number that versions can be compared by: 8.10 is after 8.9.
func minor(version string) int {
	major, rest, _ := strings.Cut(version, ".")
	a, _ := strconv.Atoi(major)
	b, _ := strconv.Atoi(rest)
	return a*1000 + b
}

// maintained returns the branches that a site may run.
func maintained() []string {
	var branches []string
	for _, r := range releases {
		if r.SecurityEnd >= lastLook && minor(r.PHP[0]) <= minor(nodePHP) && minor(nodePHP) <= minor(r.PHP[1]) {
			branches = append(branches, r.Branch)
		}
	}
	return branches
}
