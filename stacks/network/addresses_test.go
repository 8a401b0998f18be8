package network

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestSubnetsLieInTheSiteAndNeverOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(16, 23).Draw(t, "bits")
		second := byte(rapid.IntRange(0, 255).Draw(t, "second"))
		third := byte(rapid.IntRange(0, 255).Draw(t, "third"))
		site := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, second, third, 0}), bits).Masked()
		var all []netip.Prefix
		for n := range 4 {
			p := planFor(site.String(), n)
			for _, cidr := range []string{p.public, p.application, p.data} {
				all = append(all, netip.MustParsePrefix(cidr))
			}
		}
		for i, a := range all {
			if a != a.Masked() || a.Bits() > 27 || !site.Contains(a.Addr()) {
				t.Fatalf("%v is no range of %v that a load balancer takes", a, site)
			}
			for _, b := range all[:i] {
				if a.Overlaps(b) {
					t.Fatalf("%v and %v overlap", a, b)
				}
			}
		}
	})
}

func TestThePlanOfTheDefaultRange(t *testing.T) {
	got := planFor("10.20.0.0/20", 1)
	if want := (plan{public: "10.20.6.0/24", application: "10.20.4.0/23", data: "10.20.7.0/24"}); got != want {
		t.Errorf("zone 1 of 10.20.0.0/20 is %+v, want %+v", got, want)
	}
}
