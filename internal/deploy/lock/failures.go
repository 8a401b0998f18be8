package lock

import (
	"fmt"
	"strings"

	"distributed-moodle/internal/lockfile"
	"distributed-moodle/internal/manifest"
)

// failure is a thing that could not be resolved.
type failure struct {
	want   manifest.Staged
	before *lockfile.Entry // that it keeps; nil if it has none
	err    error
}

// usable reports whether the entry that is kept is about the right file.
func (f failure) usable() bool { return f.before != nil && f.before.Fits(f.want) }

type failures []failure

func (f failures) Error() string {
	var lines []string
	for _, one := range f {
		end := "it has no entry"
		switch {
		case one.usable():
			end = "it keeps its entry of " + one.before.Date
		case one.before != nil:
			end = "its entry of " + one.before.Date + " is stale, and not used"
		}
		lines = append(lines, fmt.Sprintf("  %s: %v; %s", one.want.Name, one.err, end))
	}
	return strings.Join(lines, "\n")
}

// advice says what to do about what has no entry. The environment file can name a mirror of a single file only.
func (f failures) advice(site *manifest.Manifest) string {
	steps := []string{"where the addresses can be reached, run: deploy lock " + site.Environment}
	missing, mirror := false, false
	for _, one := range f {
		missing = missing || !one.usable()
		mirror = mirror || !one.usable() && (one.want.Given() || one.want.Origin.Kind == manifest.OriginFile)
	}
	if !missing {
		return steps[0] + "; until then the entries that it keeps are used"
	}
	steps = append(steps, "or copy the entries from the lock of a site that has the same files")
	if mirror {
		steps = append(steps, "or give a mirror's address and the checksum in "+site.Source)
	}
	return strings.Join(steps, ", ") + "; nodes can't start without these files"
}
