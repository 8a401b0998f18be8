package deploy

import (
	"fmt"
	"time"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
)

// expiry looks at the certificates by which nodes check the servers that they connect to. One that has expired is a
// finding when a plan starts nodes, which could perhaps not connect, and else a note, as is one that expires soon. No
// changes start no nodes.
func expiry(m *manifest.Manifest, changes *changeset.Stack, now time.Time) (findings []gate.Finding, notes []string) {
	starts := changes != nil && plan.StartsNodes(changes)
	for _, thing := range m.Staged {
		for _, authority := range thing.Certificates {
			date := authority.Until.UTC().Format(time.DateOnly)
			loses := fmt.Sprintf("connect to a server whose certificate is of %s (%s)", authority.Name, thing.Name)
			switch {
			case authority.Expired(now) && starts:
				findings = append(findings, gate.Finding{
					Code: gate.Expired, Subject: thing.Name, Steps: []string{lockAdvice(m)},
					Facts: gate.Kind("expired", authority.Name),
					What:  fmt.Sprintf("new nodes could not %s: it expired on %s", loses, date),
				})
			case authority.Expired(now):
				notes = append(notes, fmt.Sprintf("nodes can't %s: it expired on %s; %s", loses, date, lockAdvice(m)))
			case authority.ExpiresSoon(now):
				notes = append(notes, fmt.Sprintf("from %s on, nodes can't %s: %s", date, loses, lockAdvice(m)))
			}
		}
	}
	return findings, notes
}

// noteExpiry shows the notes of [expiry] where nothing is deployed.
func (t *Target) noteExpiry() {
	_, notes := expiry(t.Site.Manifest, nil, time.Now())
	for _, note := range notes {
		t.View.Note(note)
	}
}
