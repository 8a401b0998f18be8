package environment

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// timeZonesFile names a zone a line: those of the IANA database's zone.tab, and UTC. AWS, PHP and Ubuntu's tzdata know
// each of them; the old names, like Asia/Calcutta, Ubuntu 24.04 keeps in a package that a node does not have. A list of
// names is a fiftieth of time/tzdata and the same on every machine. After the name come the smallest and the largest
// offset from UTC in the year 2026, in minutes: winter and summer, where there is a difference.
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

func (c *checker) checkTimeZone(key, zone string) {
	if zone == "" || !c.valid(key) {
		return
	}
	for _, known := range timeZones() {
		if zone == known {
			return
		}
	}
	c.reject(
		key, "%s is not a known time zone%s; use a name of the IANA database, e.g. Europe/Berlin, or UTC", show(zone),
		guess(zone, timeZones()),
	)
}

func (c *checker) checkSchedules(a *Application) {
	names, moments := map[string]bool{}, map[string]string{}
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
		if moment := s.Start + s.Recurrence + s.TimeZone; c.valid(item("application.schedules", i)) {
			// Auto Scaling refuses two actions of a group at one moment.
			if other := moments[moment]; other != "" {
				c.reject(
					item("application.schedules", i),
					"%s changes the size at the same moment as %s; give one of them another time", s.Name, other,
				)
			}
			moments[moment] = s.Name
		}
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
	if wrong := cron(s.Recurrence); wrong != "" {
		c.reject(key("recurrence"), "%s; use five fields (minute hour day month weekday), e.g. \"0 6 * * 1-5\"", wrong)
	}
	c.checkTimeZone(key("timeZone"), s.TimeZone)
}

// cronField is one of the five fields of a cron expression: its bounds, and the names that stand for numbers from the
// lowest on.
type cronField struct {
	name        string
	first, last int
	names       string
}

var cronFields = []cronField{
	{"minute", 0, 59, ""},
	{"hour", 0, 23, ""},
	{"day", 1, 31, ""},
	{"month", 1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"},
	{"weekday", 0, 7, "SUN MON TUE WED THU FRI SAT"},
}

// cron returns what is wrong with a cron expression as EC2 Auto Scaling reads it (crontab's own form, without @daily,
// L, W or ?), or "".
func cron(expression string) string {
	fields := strings.Fields(expression)
	if len(fields) != len(cronFields) {
		return fmt.Sprintf("%s has %d fields, not five", show(expression), len(fields))
	}
	for i, f := range cronFields {
		for part := range strings.SplitSeq(fields[i], ",") {
			if !f.takes(part) {
				return fmt.Sprintf("%s is not a valid %s (%d to %d)", show(part), f.name, f.first, f.last)
			}
		}
	}
	return ""
}

// takes reports whether *, 5, 1-5, */5 or 1-5/2 fits the field.
func (f cronField) takes(part string) bool {
	span, step, stepped := strings.Cut(part, "/")
	if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1 || n > f.last) {
		return false
	}
	if span == "*" {
		return true
	}
	low, high, ranged := strings.Cut(span, "-")
	from, ok := f.number(low)
	if !ranged {
		return ok && !stepped
	}
	to, also := f.number(high)
	return ok && also && from <= to
}

func (f cronField) number(text string) (int, bool) {
	for i, name := range strings.Fields(f.names) {
		if strings.EqualFold(name, text) {
			return f.first + i, true
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && f.first <= n && n <= f.last && !strings.HasPrefix(text, "+")
}
