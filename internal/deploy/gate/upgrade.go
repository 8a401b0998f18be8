package gate

import (
	"fmt"
	"strings"

	"distributed-moodle/internal/manifest"
)

// Raise is a version of software that goes up. A site shows one as an output; its key ends as [manifest.Outputs] says.
type Raise struct {
	Subject  string // App/MoodleVersion
	What     string // Moodle
	From, To string
}

func (r Raise) String() string { return fmt.Sprintf("%s goes from %s to %s", r.What, r.From, r.To) }

// VersionIncreases lists the versions of software that go up; nodes then find a database of an older form.
func VersionIncreases(f Facts) []Raise {
	var all []Raise
	f.versions(func(r Raise) {
		if older(r.From, r.To) {
			all = append(all, r)
		}
	})
	return all
}

// CodeChanges lists the software whose code changes, whatever its version says.
func CodeChanges(f Facts) []string {
	var all []string
	f.shown(f.outputs().CodeSuffix, func(r Raise) {
		if r.From != r.To {
			all = append(all, r.What)
		}
	})
	return all
}

// versions visits what a site's stacks show as versions of software, where there is one before and after.
func (f Facts) versions(visit func(Raise)) { f.shown(f.outputs().VersionSuffix, visit) }

// outputs are the keys of the site's outputs that say something of its software.
func (f Facts) outputs() manifest.Outputs {
	if f.Manifest == nil {
		return (*manifest.Application)(nil).OrDefaults().Outputs
	}
	return f.Manifest.Application.OrDefaults().Outputs
}

// shown visits what stacks show of their software under a kind of key.
func (f Facts) shown(kind string, visit func(Raise)) {
	for _, s := range f.Stacks {
		for _, key := range s.New.OutputKeys() {
			before, had := s.Old.Output(key).Literal()
			after, has := s.New.Output(key).Literal()
			if what, is := strings.CutSuffix(key, kind); is && had && has {
				visit(Raise{s.Path.Resource(key).String(), what, before, after})
			}
		}
	}
}

// upgrades finds versions that go up while nobody has let nodes upgrade the database: they would not come up.
func upgrades(f Facts) []Finding {
	if f.Upgrading {
		return nil
	}
	var all []Finding
	for _, r := range VersionIncreases(f) {
		all = append(all, Finding{
			Code: Upgrade, Subject: r.Subject, Facts: []Fact{{"version", r.From, r.To}},
			What: r.String() + ", but without --upgrade its nodes may not upgrade the database, and new nodes could not start",
			Steps: []string{
				"read the release notes, and try the upgrade on a copy of the site first",
				"pass --upgrade: a snapshot of the database is taken before anything else, and visitors see a maintenance page while the first new node upgrades it",
			},
		})
	}
	return all
}
