package network

import "net/netip"

// plan is one zone's share of the site's range.
type plan struct{ public, application, data string }

// planFor divides the site's range into four quarters, one per zone, the last ones unused, so that a zone added later changes no address.
// In a zone's quarter the application has the first half, since it grows; public and data have a quarter each:
//
//	10.20.0.0/20   zone 0: 10.20.0.0/22    application 10.20.0.0/23   public 10.20.2.0/24   data 10.20.3.0/24
//	               zone 1: 10.20.4.0/22    …
//
// The smallest range is /23: its public subnets are /27, the smallest that a load balancer accepts.
func planFor(cidr string, n int) plan {
	site := netip.MustParsePrefix(cidr)
	quarter := sub(site, 2, n)
	return plan{
		application: sub(quarter, 1, 0).String(),
		public:      sub(quarter, 2, 2).String(),
		data:        sub(quarter, 2, 3).String(),
	}
}

// sub returns the n-th range in prefix whose prefix length is bits longer.
func sub(prefix netip.Prefix, bits, n int) netip.Prefix {
	a := prefix.Addr().As4()
	length := prefix.Bits() + bits
	start := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	start += uint32(n) << (32 - length)
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(start >> 24), byte(start >> 16), byte(start >> 8), byte(start)}), length)
}
