package lock

import (
	"fmt"
	"strings"

	"distributed-moodle/internal/manifest"
)

// failure is a thing that could not be resolved.
type failure struct {
	want manifest.Staged
	kept string // the date of the entry that it keeps; empty if it has none
	err  error
}

type failures []failure

func (f failures) Error() string {
	var lines []string
	for _, one := range f {
		end := "it has no entry"
		if one.kept != "" {
			end = "it keeps its entry of " + one.kept
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
		missing = missing || one.kept == ""
		mirror = mirror || one.kept == "" && (one.want.Given() || one.want.Origin.Kind == manifest.OriginFile)
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
