package environment

import (
	"slices"
	"strconv"
	"strings"
)

func (c *checker) checkFilesystem(e *Environment) {
	fs := e.Filesystem
	switch {
	case !c.valid("filesystem.type", "filesystem.zone"):
	case fs.Type == "oneZone" && fs.Zone == "":
		c.reject("filesystem.zone", "is missing: a oneZone file system needs its zone; use one of network.zones")
	case fs.Type != "oneZone" && fs.Zone != "":
		c.reject("filesystem.zone", "has no use with type %s; remove it, or choose type oneZone", fs.Type)
	case fs.Zone != "" && c.valid("network.zones") && !slices.Contains(e.Network.Zones, fs.Zone):
		c.reject(
			"filesystem.zone", "%s is not used by the site; use one of network.zones: %s", fs.Zone,
			list(e.Network.Zones),
		)
	}
	if fs.ArchiveDays == 0 ||
		!c.valid("filesystem.type", "filesystem.throughput", "filesystem.infrequentAccessDays", "filesystem.archiveDays") {
		return
	}
	switch {
	case fs.Type == "oneZone":
		c.reject(
			"filesystem.archiveDays", "a oneZone file system has no archive class; set it to 0, or leave the key out",
		)
	case fs.Throughput != "elastic":
		c.reject("filesystem.archiveDays", "the archive class needs throughput elastic; with %s use 0", fs.Throughput)
	case fs.InfrequentAccessDays == 0 || fs.ArchiveDays <= fs.InfrequentAccessDays:
		c.reject(
			"filesystem.archiveDays",
			"%d is not more than infrequentAccessDays (%d), which a file passes first; use more days, or 0",
			fs.ArchiveDays, fs.InfrequentAccessDays,
		)
	}
}

// canArchive reports whether EFS has the archive class for a file system: a regional one with elastic throughput
// (https://aws.amazon.com/efs/faq/), whose files pass infrequent access first (PutLifecycleConfiguration of Amazon
// EFS).
func canArchive(fs Filesystem) bool {
	return fs.Type == "regional" && fs.Throughput == "elastic" && fs.InfrequentAccessDays > 0
}

func (c *checker) checkDatabase(e *Environment) {
	db := e.Database
	if c.valid("database.capacity") {
		if least, most := *db.Capacity.Minimum, *db.Capacity.Maximum; least > most {
			c.reject(
				c.either("database.capacity.minimum", "database.capacity.maximum"),
				"the minimum %v is above the maximum %v%s", least, most,
				c.leftOut("database.capacity.minimum", "database.capacity.maximum"),
			)
		}
	}
	if c.valid("database.readers", "network.zones") {
		if most := len(e.Network.Zones) - 1; *db.Readers > most {
			c.reject(
				"database.readers", "%d readers need as many zones besides the writer's; with %d zones use at most %d",
				*db.Readers, len(e.Network.Zones), most,
			)
		}
	}
	if parts := strings.Split(db.Snapshot, ":"); db.Snapshot != "" && c.valid("database.snapshot", "region") &&
		parts[3] != e.Region {
		c.reject(
			"database.snapshot", "is in %s, but the site is in %s; copy the snapshot to the site's region first",
			parts[3], e.Region,
		)
	}
	c.checkDatabaseVersion(db)
	c.checkAutoPause(e)
}

// checkAutoPause reports why a database that is to pause never could: it needs a minimum capacity of 0, and times
// without connections.
func (c *checker) checkAutoPause(e *Environment) {
	const pause, minimum = "database.autoPauseSeconds", "database.capacity.minimum"
	seconds, db := e.Database.AutoPauseSeconds, e.Database
	if !c.valid(pause, minimum) {
		return
	}
	switch {
	case seconds == 0 && *db.Capacity.Minimum == 0:
		c.reject(
			minimum,
			"0 lets the database pause, which needs autoPauseSeconds (300 to 86400); set that, or use 0.5 or more",
		)
		return
	case seconds == 0:
		return
	case seconds < 300:
		c.reject(pause, "%d is not allowed; use 0 (never) or 300 to 86400", seconds)
	case *db.Capacity.Minimum != 0:
		c.reject(
			pause, "the database pauses only with a capacity.minimum of 0, and it is %v; set it to 0, or remove this",
			*db.Capacity.Minimum,
		)
	case c.valid("database.version") && !canPause(db.Version):
		c.reject(pause, "version %s can't pause; use 17, 16.3, 15.7, 14.12, 13.15 or a later one of each", db.Version)
	}
	if c.valid("application.capacity", "application.schedules") && !rests(e.Application) {
		c.reject(
			pause,
			"the database would never pause, since the site's cron connects every minute; set application.capacity.minimum to 0, add a schedule with maximum 0 (nights), or remove this",
		)
	}
}

// canPause reports whether a version has auto-pause (Aurora User Guide, "Scaling to zero ACUs": 16.3, 15.7, 14.12,
// 13.15 and later).
func canPause(version string) bool { return since(version, 13, 15, 14, 12, 15, 7, 16, 3) }

// since reports whether a version has what came with the given minor versions of some majors: 13, 15, 14, 12 are 13.15
// and 14.12. The majors before the first one never got it; those after the last one have it from the beginning.
func since(version string, minors ...int) bool {
	first, second, _ := strings.Cut(version, ".")
	major, err := strconv.Atoi(first)
	minor, also := strconv.Atoi(second)
	if err != nil || also != nil {
		return false
	}
	for i := 0; i < len(minors); i += 2 {
		if minors[i] == major {
			return minor >= minors[i+1]
		}
	}
	return major > minors[len(minors)-2]
}

// rests reports whether there are times without a node.
func rests(a Application) bool {
	return *a.Capacity.Minimum == 0 || slices.ContainsFunc(a.Schedules, func(s Schedule) bool { return s.Maximum == 0 })
}

func (c *checker) checkCache(cache Cache) {
	if c.valid("cache.type") && cache.Type != "none" {
		c.checkNodeType(cache.NodeType)
	}
	if !c.valid("cache") || cache.Type != "none" {
		return
	}
	if cache.NodeType != "" {
		c.reject("cache.nodeType", "has no use with type none; remove it, or choose type valkey")
	}
	if !*cache.MinorUpgrades {
		c.reject("cache.minorUpgrades", "false has no use with type none; remove it, or choose type valkey")
	}
	if *cache.Replicas != 0 {
		c.reject("cache.replicas", "%d has no use with type none; remove it, or choose type valkey", *cache.Replicas)
	}
}

// either returns the first of two keys that the file sets: a mistake about both is reported there.
func (c *checker) either(first, second string) string {
	if c.isSet(first) {
		return first
	}
	return second
}

// leftOut says which of two keys is not in the file, so that its default applies.
func (c *checker) leftOut(keys ...string) string {
	for _, key := range keys {
		if !c.isSet(key) {
			return "; " + key + " is left out, so its default applies"
		}
	}
	return ""
}
