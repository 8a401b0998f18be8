package environment

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata"
)

func TestTimeZonesAreZones(t *testing.T) {
	zones := timeZones()
	if !slices.IsSorted(zones) || len(slices.Compact(slices.Clone(zones))) != len(zones) || len(zones) < 400 {
		t.Errorf("%d zones; want them sorted and different", len(zones))
	}
	for _, zone := range zones {
		if _, err := time.LoadLocation(zone); err != nil {
			t.Error(err)
		}
	}
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Europe/Kyiv", "Pacific/Auckland"} {
		if !slices.Contains(zones, zone) {
			t.Errorf("%s is missing", zone)
		}
	}
}
