package environment

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Each old name leads to a name that is accepted, and that means the same hours.
func TestOldNamesOfTimeZonesLeadToNamesOfNow(t *testing.T) {
	for line := range strings.Lines(timeZoneLinksFile) {
		before, now, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || slices.Contains(timeZones(), before) || !slices.Contains(timeZones(), now) {
			t.Errorf("%q leads nowhere", line)
			continue
		}
		old, err := time.LoadLocation(before)
		if err != nil {
			continue // this machine's database is another one
		}
		zone, err := time.LoadLocation(now)
		if err != nil {
			t.Fatal(err)
		}
		for month := time.January; month <= time.December; month++ {
			at := time.Date(2026, month, 15, 12, 0, 0, 0, time.UTC)
			_, was := at.In(old).Zone()
			if _, is := at.In(zone).Zone(); was != is {
				t.Errorf("in %s the clocks of %s and %s differ by %d seconds", month, before, now, was-is)
			}
		}
	}
}
