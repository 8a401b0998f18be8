package environment

import (
	"testing"
	"time"
	_ "time/tzdata" // what the file of offsets is held against

	"pgregory.net/rapid"
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

// TestInstancesAreMaintainedApart draws windows: those of writer and readers never overlap each other, nor the backups.
func TestInstancesAreMaintainedApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		backup := window{rapid.IntRange(0, day-1).Draw(t, "backup"), rapid.IntRange(30, day-31).Draw(t, "of minutes")}
		gap := rapid.IntRange(backup.length, day-30).Draw(t, "gap") // from the backup's start to that of the maintenance
		w := window{wrap(backup.start + gap + rapid.IntRange(0, 6).Draw(t, "weekday")*day), rapid.IntRange(30, day-gap).Draw(t, "long")}
		d := Database{MaintenanceWindow: w.weekly()}
		if got := d.InstanceWindow(0); got != d.MaintenanceWindow {
			t.Fatalf("the writer has %s, not %s", got, d.MaintenanceWindow)
		}
		var all []window
		for i := range 3 {
			all = append(all, windowOf(d.InstanceWindow(i)))
			if all[i].length != w.length {
				t.Fatalf("%s lasts %d minutes, not %d", d.InstanceWindow(i), all[i].length, w.length)
			}
			for night := range 7 {
				if all[i].overlaps(window{backup.start + night*day, backup.length}) {
					t.Fatalf("%s overlaps the backup %s", d.InstanceWindow(i), backup.daily())
				}
			}
			for j := range i {
				if all[i].overlaps(all[j]) {
					t.Fatalf("%s overlaps %s", d.InstanceWindow(i), d.InstanceWindow(j))
				}
			}
		}
	})
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
