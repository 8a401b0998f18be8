package gate

import (
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/template"
)

// irreversible is a kind of change that AWS has no way back from, or none for some time. When a later part of the same
// deployment fails, CloudFormation's rollback needs that way too.
type irreversible struct {
	types []string
	path  string   // the property that decides
	with  []string // properties that change together with it
	// says words the change, with the outage and the way back; "" for a change of another kind.
	says     func(d difference, old, new template.Value) string
	steps    func(f Facts, d difference) []string // what to do before it
	snapshot bool                                 // it concerns a database cluster's data: a snapshot is taken
	stays    bool                                 // the steps keep what is there, so that nothing comes after them
	fails    bool                                 // AWS refuses it
}

// oneWay finds changes that have no way back.
func oneWay(f Facts) []Finding {
	var all []Finding
	for _, c := range f.oneWayChanges() {
		last := "then pass --accept with the reason"
		if c.kind.stays {
			last = "or pass --accept with the reason"
		}
		if c.kind.snapshot {
			last += "; a snapshot of the database is taken before anything is deployed, and without it nothing is"
		}
		all = append(all, Finding{
			Code: OneWay, Subject: c.subject(), What: c.what, Facts: c.facts(), Fails: c.kind.fails,
			Steps:      c.kind.steps(f, c.difference),
			LastResort: last, Snapshot: c.kind.snapshot,
		})
	}
	return append(all, f.released()...)
}

// oneWayChange is one such change in a plan.
type oneWayChange struct {
	difference
	kind irreversible
	what string
}

// facts are the property that decides and those that change together with it.
func (c oneWayChange) facts() []Fact {
	all := []Fact{fact(c.kind.path, c.Old.Property(c.kind.path), c.New.Property(c.kind.path))}
	for _, path := range c.kind.with {
		if old, new := c.Old.Property(path), c.New.Property(path); !old.Equal(new) {
			all = append(all, fact(path, old, new))
		}
	}
	return all
}

// oneWayChanges lists them, those first that concern data.
func (f Facts) oneWayChanges() []oneWayChange {
	var all []oneWayChange
	for _, d := range f.differences() {
		if !d.Old.Exists() || !d.New.Exists() || d.Old.Type != d.New.Type {
			continue
		}
		for _, kind := range irreversibles {
			if !slices.Contains(kind.types, d.Type) {
				continue
			}
			old, new := d.Old.Property(kind.path), d.New.Property(kind.path)
			if old.Equal(new) {
				continue
			}
			if what := kind.says(d, old, new); what != "" {
				all = append(all, oneWayChange{d, kind, what})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b oneWayChange) int {
		switch {
		case a.kind.snapshot == b.kind.snapshot:
			return strings.Compare(a.subject(), b.subject())
		case a.kind.snapshot:
			return -1
		}
		return 1
	})
	return all
}

// givenBack are types whose removal gives something back to AWS that nobody can ask for again. AWS has done that before
// anything could fail, so it needs no deployment of its own.
var givenBack = map[string]string{
	// https://docs.aws.amazon.com/vpc/latest/userguide/WorkWithEIPs.html
	"AWS::EC2::EIP": "the public address is given back to AWS, and the next one is another: " +
		"firewalls elsewhere may know it",
	// https://docs.aws.amazon.com/vpc/latest/userguide/modify-vpcs.html
	"AWS::EC2::VPCCidrBlock": "the range of addresses is given back to AWS; the next that AWS chooses is another",
}

// released finds what is given back for ever.
func (f Facts) released() []Finding {
	var all []Finding
	for _, d := range f.differences() {
		if what := givenBack[d.Old.Type]; what != "" && d.Old.Exists() && !d.New.Exists() {
			all = append(all, Finding{
				Code: OneWay, Subject: d.subject(), What: what, Facts: []Fact{{"given back", d.Old.Type, ""}},
				Steps: []string{
					"tell those who have let in the old address, or keep it: take the change back in the environment file and generate again",
				},
				LastResort: "then pass --accept with the reason",
			})
		}
	}
	return all
}

// OneWayNotes says of changes what no template tells: EFS changes the throughput mode, or lowers the provisioned
// throughput, once in 24 hours (https://docs.aws.amazon.com/efs/latest/ug/managing-throughput.html).
func OneWayNotes(f Facts) []string {
	var all []string
	for _, d := range f.differences() {
		old, new := d.Old.Property("ThroughputMode"), d.New.Property("ThroughputMode")
		if d.Type == "AWS::EFS::FileSystem" && d.Old.Exists() && d.New.Exists() && !old.Equal(new) {
			all = append(all, fmt.Sprintf(
				"%s: EFS changes the throughput mode once in 24 hours; no template says when it was changed last, "+
					"and a rollback within 24 hours is refused too: deploy nothing else with it",
				d.subject(),
			))
		}
	}
	return all
}

// Snapshots are the database clusters of which a snapshot is taken before anything is deployed.
func Snapshots(findings []Finding) []address.Resource {
	var all []address.Resource
	for _, f := range findings {
		if f.Snapshot {
			all = append(all, address.ParseResource(f.Subject))
		}
	}
	return all
}

// keepIt is how somebody leaves a property of a resource as it is deployed: by its key, or without one.
func (f Facts) keepIt(d difference, path string) string {
	if f.Manifest != nil && f.Manifest.Application != nil {
		if key := f.Manifest.Application.Keys[d.Type+"."+path]; key != "" {
			return "keep " + key + " as it was in " + f.source()
		}
	}
	return "keep " + path + " of " + d.subject() + ": generate the folder as it was deployed"
}

// source is the file that a person edits.
func (f Facts) source() string {
	if f.Manifest == nil || f.Manifest.Source == "" {
		return "the environment file"
	}
	return f.Manifest.Source
}
