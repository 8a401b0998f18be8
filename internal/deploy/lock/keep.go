package lock

import (
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/lockfile"
)

// keep returns the entry of before if the file is the same, so that a lock changes only when a file does: unless the
// new one proves more. It says when a file is another one under the same version, or an older one.
func (l *Lock) keep(before *lockfile.Entry, entry lockfile.Entry) lockfile.Entry {
	if before.SHA256 == entry.SHA256 && before.Address == entry.Address && before.Version == entry.Version {
		if strings.HasPrefix(before.Verified, httpsAlone) && !strings.HasPrefix(entry.Verified, httpsAlone) {
			return entry
		}
		return *before
	}
	switch {
	case len(entry.Certificates) > 0:
		l.gone(before, entry)
	case before.Version == entry.Version && before.SHA256 != entry.SHA256:
		l.View.Note(fmt.Sprintf(
			"%s is another file than on %s, under the same version %s: review why", entry.Thing, before.Date,
			entry.Version,
		))
	case older(entry.Version, before.Version):
		l.View.Note(fmt.Sprintf(
			"the newest %s is %s, older than the %s of %s: review why", entry.Thing, entry.Version, before.Version,
			before.Date,
		))
	}
	return entry
}

// gone notes the certificates that are no longer published and have not expired: half a list looks like a whole one,
// and a server may still have a certificate of theirs.
func (l *Lock) gone(before *lockfile.Entry, entry lockfile.Entry) {
	for i, authority := range before.Authorities() {
		if !authority.Expired(l.Today) && !slices.Contains(entry.Certificates, before.Certificates[i]) {
			l.View.Note(fmt.Sprintf(
				"%s is no longer published: nodes will not trust a server whose certificate is of it; review why",
				authority,
			))
		}
	}
}
