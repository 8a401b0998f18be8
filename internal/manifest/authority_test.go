package manifest

import (
	"testing"
	"time"
)

func TestWhenACertificateExpires(t *testing.T) {
	until := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	a := Authority{Name: "CA", Until: until}
	for _, test := range []struct {
		name          string
		now           time.Time
		expired, soon bool
	}{
		{"long before", until.AddDate(0, 0, -61), false, false},
		{"sixty days before", until.AddDate(0, 0, -60), false, false},
		{"less than sixty days", until.AddDate(0, 0, -60).Add(time.Second), false, true},
		{"the last second", until, false, true},
		{"the second after", until.Add(time.Second), true, false},
		{"in another zone", until.In(time.FixedZone("", 3600)), false, true},
	} {
		if a.Expired(test.now) != test.expired || a.ExpiresSoon(test.now) != test.soon {
			t.Errorf("%s: expired %v, soon %v", test.name, a.Expired(test.now), a.ExpiresSoon(test.now))
		}
	}
	if got := a.String(); got != "CA, valid until 2027-03-01" {
		t.Error(got)
	}
}
