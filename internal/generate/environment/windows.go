package environment

import (
	"fmt"
	"strings"
)

const (
	day  = 24 * 60 // minutes
	week = 7 * day
)

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// window is a time of the week in UTC, in minutes since Monday, 0:00.
type window struct{ start, length int }

// Forms of windows, as RDS and ElastiCache take them, in UTC
// (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html,
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html).
const (
	clock        = `([01][0-9]|2[0-3]):[0-5][0-9]`
	weekday      = `(mon|tue|wed|thu|fri|sat|sun)`
	dailyWindow  = `^` + clock + `-` + clock + `$`
	weeklyWindow = `^` + weekday + `:` + clock + `-` + weekday + `:` + clock + `$`
)

// The windows of a site. In the default they follow each other on Sunday night, backups every night. Files have none:
// AWS backs them up at an hour of its own (docs/decisions/008-file-backups.md).
const (
	backupKey      = "database.backupWindow"
	maintenanceKey = "database.maintenanceWindow"
	cacheKey       = "cache.maintenanceWindow"
)

// fillWindows sets the windows that the file leaves out: from one to two o'clock for backups, and on Sunday from two to
// three for the database and from three to four for the cache, in the site's winter. AWS takes UTC and knows no summer
// time, in which all of it is one hour later (two hours at most, in Troll): so every window is between midnight and six
// o'clock all year.
func (c *checker) fillWindows(e *Environment) {
	zone := zoneOffsets()[e.Moodle.TimeZone].least // of an unknown zone, which is a mistake, 0
	sunday := func(hour int) window { return window{wrap(6*day + hour*60 - zone), 60} }
	if !c.isSet(backupKey) {
		e.Database.BackupWindow = sunday(1).daily()
	}
	if !c.isSet(maintenanceKey) {
		e.Database.MaintenanceWindow = sunday(2).weekly()
	}
	if e.Cache.Type == "valkey" && !c.isSet(cacheKey) {
		e.Cache.MaintenanceWindow = sunday(3).weekly()
	}
}

// InstanceWindow returns the maintenance window of one instance of the database: 0 is the writer, which has the window
// of database.maintenanceWindow. Each reader has it a night earlier than the one before: AWS advises to update the
// readers before the writer and never both at once, since an instance that is restarting can't take over
// (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.Maintenance.html#Aurora_OS_updates).
// At the same time of another day a window overlaps the backup window, which is daily, no more than the writer's does.
// After a failover the roles are exchanged: the windows still differ. Engine upgrades restart all instances at once, in
// the cluster's window. A cache may be maintained in a reader's window: the writer takes the reads meanwhile.
func (d *Database) InstanceWindow(instance int) string {
	w := windowOf(d.MaintenanceWindow)
	w.start -= instance * day
	return w.weekly()
}

func wrap(minute int) int { return ((minute % week) + week) % week }

func (w window) weekly() string {
	text := func(minute int) string {
		minute = wrap(minute)
		return fmt.Sprintf("%s:%02d:%02d", weekdays[minute/day], minute%day/60, minute%60)
	}
	return text(w.start) + "-" + text(w.start+w.length)
}

func (w window) daily() string {
	text := func(minute int) string { return fmt.Sprintf("%02d:%02d", wrap(minute)%day/60, wrap(minute)%60) }
	return text(w.start) + "-" + text(w.start+w.length)
}

// windowOf reads a window of either form, whose pattern has been checked. One that is daily is read as Monday's.
func windowOf(text string) window {
	minute := func(text string) int {
		at := 0
		if name, rest, weekly := cutWeekday(text); weekly {
			at, text = name*day, rest
		}
		var hour, minutes int
		if _, err := fmt.Sscanf(text, "%d:%d", &hour, &minutes); err != nil {
			panic(fmt.Sprintf("a window's time %q that its pattern has let through: %v", text, err))
		}
		return at + hour*60 + minutes
	}
	from, to, _ := strings.Cut(text, "-")
	length := wrap(minute(to) - minute(from))
	if _, _, weekly := cutWeekday(text); !weekly {
		length %= day
	}
	return window{minute(from), length}
}

func cutWeekday(text string) (number int, rest string, ok bool) {
	for i, name := range weekdays {
		if rest, ok = strings.CutPrefix(text, name+":"); ok {
			return i, rest, true
		}
	}
	return 0, text, false
}

func (w window) overlaps(other window) bool {
	return wrap(other.start-w.start) < w.length || wrap(w.start-other.start) < other.length
}

// checkWindows reports windows that AWS would refuse, and those that overlap: RDS refuses that of its two, and a cache
// that restarts during the database's maintenance would be two outages at once.
func (c *checker) checkWindows(e *Environment) {
	texts := map[string]string{
		backupKey: e.Database.BackupWindow, maintenanceKey: e.Database.MaintenanceWindow,
		cacheKey: e.Cache.MaintenanceWindow,
	}
	if e.Cache.Type == "none" && c.isSet(cacheKey) && c.valid(cacheKey, "cache.type") {
		c.reject(cacheKey, "has no use with type none; remove it, or choose type valkey")
		texts[cacheKey] = ""
	}
	for key, least := range map[string]int{backupKey: 30, maintenanceKey: 30, cacheKey: 60} {
		if texts[key] == "" || !c.valid(key) {
			continue
		}
		if length := windowOf(texts[key]).length; length < least || length >= day {
			c.reject(key, "%s lasts %d minutes; use at least %d, and less than a day", texts[key], length, least)
		}
	}
	for _, pair := range [][2]string{{maintenanceKey, backupKey}, {cacheKey, backupKey}, {cacheKey, maintenanceKey}} {
		first, second := pair[0], pair[1]
		if texts[first] == "" || texts[second] == "" || !c.valid(first, second, "moodle.timeZone") {
			continue
		}
		for night := range 7 {
			other := windowOf(texts[second])
			if second == backupKey {
				other.start = wrap(other.start + night*day)
			}
			if windowOf(texts[first]).overlaps(other) {
				at := c.either(first, second)
				beside := map[string]string{first: second, second: first}[at]
				c.reject(
					at, "%s overlaps %s (%s)%s; choose another time (UTC)", texts[at], beside, texts[beside],
					c.leftOut(first, second),
				)
				break
			}
		}
	}
}
