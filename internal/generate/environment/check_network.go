package environment

import (
	"net/netip"
	"strconv"
	"strings"
)

// private are the ranges that RFC 1918 leaves to everybody's own networks.
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
}

func (c *checker) checkNetwork(e *Environment) {
	if c.valid("network.cidr") {
		c.checkCIDR(e.Network.CIDR)
	}
	if c.valid("network.zones", "region") {
		for i, zone := range e.Network.Zones {
			if zone[:len(zone)-1] != e.Region {
				c.reject(
					item("network.zones", i), "%s is a zone of another region; use zones of %s, e.g. %sa", zone,
					e.Region, e.Region,
				)
			}
		}
	}
	c.unique("network.zones", e.Network.Zones)
	c.unique("network.endpoints", e.Network.Endpoints)
	c.checkRoom(e)
}

// checkRoom reports more nodes than the application's subnets have addresses for. There is one subnet a zone, an eighth
// of the site's range (stacks/network/addresses.go), of which AWS keeps five addresses
// (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html) and each interface endpoint takes one. A
// rolling update runs one node more.
func (c *checker) checkRoom(e *Environment) {
	const reserved = 5
	if !c.valid("network", "application.capacity", "application.schedules") {
		return
	}
	prefix := netip.MustParsePrefix(e.Network.CIDR)
	room := len(e.Network.Zones)*(1<<(32-prefix.Bits()-3)-reserved-len(e.Network.Endpoints)) - 1
	report := func(key string, most int) {
		if most > room {
			c.reject(
				key,
				"%d nodes do not fit into %s; use at most %d, or a larger network.cidr for a site that is not deployed yet",
				most, prefix, room,
			)
		}
	}
	report("application.capacity.maximum", *e.Application.Capacity.Maximum)
	for i, s := range e.Application.Schedules {
		report(item("application.schedules", i, "maximum"), s.Maximum)
	}
}

func (c *checker) checkCIDR(text string) {
	const key, allowed = "network.cidr", "use a private range of /16 to /23 in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, e.g. 10.20.0.0/20"
	prefix, err := netip.ParsePrefix(text)
	inside := false
	for _, range_ := range private {
		inside = inside || err == nil && range_.Bits() <= prefix.Bits() && range_.Contains(prefix.Addr())
	}
	switch {
	case err != nil || !prefix.Addr().Is4():
		c.reject(key, "%s is not an IPv4 range; %s", show(text), allowed)
	case prefix.Bits() > 23:
		c.reject(key, "%s is too small for three zones of three tiers; %s", text, allowed)
	case prefix.Bits() < 16:
		c.reject(key, "%s is larger than a VPC can be; %s", text, allowed)
	case !inside:
		c.reject(key, "%s is not private: its addresses belong to others; %s", text, allowed)
	case prefix != prefix.Masked():
		c.reject(key, "%s does not start at its network address; use %s", text, prefix.Masked())
	}
}

func (c *checker) checkAccess(e *Environment) {
	if !c.valid("access.from") {
		return
	}
	six := false
	var ranges []netip.Prefix
	for i, text := range e.Access.From {
		key := item("access.from", i)
		prefix, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			c.reject(
				key, "%s is not an address range; use IPv4 and IPv6 ranges, e.g. 192.0.2.0/24 or 2001:db8::/32",
				show(text),
			)
		case prefix != prefix.Masked():
			c.reject(key, "%s does not start at its network address; use %s", text, prefix.Masked())
		case prefix.Addr().Is4In6():
			c.reject(
				key, "%s is an IPv4 range written as an IPv6 one; use %s", text,
				netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96),
			)
		case prefix.String() != text: // EC2 keeps a range in this form, and compares what it has with what it is given
			c.reject(key, "%s is not written in the usual form; use %s", text, prefix)
		case prefix.Addr().Is6() && e.Network.IP == "ipv4" && c.valid("network.ip"):
			c.reject(key, "%s can't reach a site with network.ip ipv4; remove it, or choose dualStack", text)
		}
		six = six || prefix.Addr().Is6()
		ranges = append(ranges, prefix)
	}
	c.unique("access.from", e.Access.From)
	c.checkCovered(ranges)
	// A dual-stack name has an IPv6 address too: browsers that try it first would wait for an answer that never comes.
	if !six && e.Network.IP == "dualStack" && c.valid("network.ip", "access.from") {
		c.reject(
			"access.from",
			"allows no IPv6 address, but the site has IPv6 addresses; add an IPv6 range, or set network.ip: ipv4",
		)
	}
}

// checkCovered reports ranges of access.from that are in another one: removing them later would close nothing.
func (c *checker) checkCovered(ranges []netip.Prefix) {
	for i, inner := range ranges {
		for j, outer := range ranges {
			if c.valid(item("access.from", i)) && outer.Bits() < inner.Bits() && outer.Contains(inner.Addr()) {
				c.reject(item("access.from", i), "%s is in %s already, item %d; remove one", inner, outer, j+1)
			}
		}
	}
}

// unique reports items that are in a list twice.
func (c *checker) unique(key string, items []string) {
	first := map[string]int{}
	for i, text := range items {
		if before, again := first[text]; again && c.valid(item(key, i)) {
			c.reject(item(key, i), "%s is in the list twice, first as item %d; remove one", show(text), before+1)
		} else if !again {
			first[text] = i
		}
	}
}

// item returns the key of a list's item, and of a field of it.
func item(key string, i int, field ...string) string {
	return strings.Join(append([]string{key + "[" + strconv.Itoa(i) + "]"}, field...), ".")
}
