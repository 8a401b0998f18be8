package environment

import (
	"testing"
	"time"
	_ "time/tzdata" // what the file of offsets is held against
)

// TestWindowsAreAtNightAllYear reads every zone's default windows in each week of 2026, by Go's own time zones.
func TestWindowsAreAtNightAllYear(t *testing.T) {
	for _, zone := range timeZones() {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		env := parse(t, edit(t, small, "", "  timeZone: "+zone+"\ncache: {type: valkey}"))
		all := map[string]window{
			backupKey: windowOf(env.Database.BackupWindow), maintenanceKey: windowOf(env.Database.MaintenanceWindow),
			cacheKey: windowOf(env.Cache.MaintenanceWindow),
		}
		for monday := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC); monday.Year() == 2026; monday = monday.AddDate(0, 0, 7) {
			for key, w := range all {
				from := monday.Add(time.Duration(w.start) * time.Minute).In(location)
				to := from.Add(time.Duration(w.length) * time.Minute)
				if from.Hour() >= 6 || to.Hour()*60+to.Minute() > 6*60 || from.Day() != to.Day() {
					t.Fatalf("%s: %s is %s to %s, not at night", zone, key, from, to)
				}
				if key != backupKey && from.Weekday() != time.Sunday {
					t.Fatalf("%s: %s is on a %s", zone, key, from.Weekday())
				}
			}
		}
	}
}

func TestOffsetsOfTimeZones(t *testing.T) {
	for zone, offset := range zoneOffsets() {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		got := offsets{1 << 20, -1 << 20}
		for at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC); at.Year() == 2026; at = at.AddDate(0, 0, 1) {
			_, seconds := at.In(location).Zone()
			got = offsets{min(got.least, seconds/60), max(got.most, seconds/60)}
		}
		if got != offset {
			t.Errorf("%s is %v minutes from UTC, the file says %v", zone, got, offset)
		}
	}
}
