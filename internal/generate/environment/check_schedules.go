package environment

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// timeZonesFile names a zone a line: those of the IANA database's zone.tab, and UTC. AWS, PHP and Ubuntu's tzdata know
// each of them; the old names, like Asia/Calcutta, which Go's database has too, Ubuntu 24.04 keeps in a package that a
// node does not have. After the name come the smallest and the largest offset from UTC in the year 2026, in minutes:
// winter and summer, where there is a difference.
//
//go:embed time_zones.txt
var timeZonesFile string

// offsets are a zone's smallest and largest offset from UTC, in minutes.
type offsets struct{ least, most int }

var zoneOffsets = sync.OnceValue(func() map[string]offsets {
	all := map[string]offsets{}
	for line := range strings.Lines(timeZonesFile) {
		var name string
		var o offsets
		if _, err := fmt.Sscan(line, &name, &o.least, &o.most); err != nil {
			panic(fmt.Sprintf("time_zones.txt: %q: %v", line, err)) // a file of the program
		}
		all[name] = o
	}
	return all
})

var timeZones = sync.OnceValue(func() []string { return slices.Sorted(maps.Keys(zoneOffsets())) })

// timeZoneLinksFile has the old names of zones, each with the name that the zone has now, a line: the links of the IANA
// database (https://www.iana.org/time-zones, version 2025b, file backward).
//
//go:embed time_zone_links.txt
var timeZoneLinksFile string

// newNameOf returns the name that a zone has now, by its old one; "" for what was never a zone's name.
func newNameOf(zone string) string {
	for line := range strings.Lines(timeZoneLinksFile) {
		if before, now, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.EqualFold(before, zone) {
			return now
		}
	}
	return ""
}

func (c *checker) checkTimeZone(key, zone string) {
	if zone == "" || !c.valid(key) {
		return
	}
	for _, known := range timeZones() {
		if zone == known {
			return
		}
	}
	if now := newNameOf(zone); now != "" {
		c.reject(key, "%s is an old name that the nodes do not know; use %s, the zone's name now", show(zone), now)
		return
	}
	c.reject(
		key, "%s is not a known time zone%s; use a name of the IANA database, e.g. Europe/Berlin, or UTC", show(zone),
		guess(zone, timeZones()),
	)
}

func (c *checker) checkSchedules(a *Application) {
	names := map[string]bool{}
	for i, s := range a.Schedules {
		key := func(field string) string { return item("application.schedules", i, field) }
		if folded := strings.ToLower(s.Name); c.valid(key("name")) {
			if names[folded] {
				c.reject(key("name"), "%s is also the name of another schedule; give each its own", s.Name)
			}
			names[folded] = true
		}
		if c.valid(key("minimum"), key("maximum")) && s.Minimum > s.Maximum {
			c.reject(key("minimum"), "the minimum %d is above the maximum %d", s.Minimum, s.Maximum)
		}
		// A deployment in that time keeps the group's size and needs room above what must stay in service.
		if c.valid(key("maximum"), "application.capacity") && 0 < s.Maximum && s.Maximum <= *a.Capacity.Minimum {
			c.reject(
				key("maximum"),
				"a maximum of %d leaves no room for a rolling update in that time, since application.capacity.minimum is %d; use %d or more, or 0 (no node runs)",
				s.Maximum, *a.Capacity.Minimum, *a.Capacity.Minimum+1,
			)
		}
		c.checkMoment(i, s)
	}
	c.checkMeetings(a.Schedules)
}

// checkMeetings reports schedules that act at one moment, however their times are written. Auto Scaling refuses two
// actions of a group whose next start is the same, and runs those that meet later in any order, so that either size may
// win (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html).
func (c *checker) checkMeetings(schedules []Schedule) {
	type timed struct {
		name string
		moments
	}
	var earlier []timed
	for i, s := range schedules {
		if !c.valid(item("application.schedules", i), "moodle.timeZone") {
			continue
		}
		this := timed{s.Name, momentsOf(s)}
		for _, other := range earlier {
			if at, ok := meet(other.moments, this.moments); ok {
				c.reject(
					item("application.schedules", i),
					"%s changes the size at the same moment as %s, e.g. %s; give one of them another time", s.Name,
					other.name, at.Format("Mon 2006-01-02 15:04 MST"),
				)
				break
			}
		}
		earlier = append(earlier, this)
	}
}

// checkMoment checks when a schedule acts.
func (c *checker) checkMoment(i int, s Schedule) {
	key := func(field string) string { return item("application.schedules", i, field) }
	if !c.valid(key("start"), key("recurrence"), key("timeZone")) {
		return
	}
	if s.Start == "" && s.Recurrence == "" {
		c.reject(
			item("application.schedules", i),
			"has no time; set start for once (\"2027-02-01T05:00:00Z\"), or recurrence to repeat it (\"0 6 * * 1-5\")",
		)
		return
	}
	if _, err := time.Parse(time.RFC3339, s.Start); s.Start != "" && err != nil {
		c.reject(
			key("start"), "%s is not a valid date and time; use a time in UTC, e.g. \"2027-02-01T05:00:00Z\"", s.Start,
		)
	}
	if s.Recurrence == "" {
		if s.TimeZone != "" {
			c.reject(key("timeZone"), "has no use without recurrence, since start is always in UTC; remove it")
		}
		return
	}
	switch r, wrong := readCron(s.Recurrence); {
	case wrong != "":
		c.reject(key("recurrence"), "%s; use five fields (minute hour day month weekday), e.g. \"0 6 * * 1-5\"", wrong)
	case r.never():
		c.reject(
			key("recurrence"), "%s never comes, since no month in it has such a day; use another day or month",
			show(s.Recurrence),
		)
	}
	if c.isSet(key("timeZone")) { // otherwise it is moodle.timeZone, which is checked at its own key
		c.checkTimeZone(key("timeZone"), s.TimeZone)
	}
}
