package environment

// networkMistakes are about the network and who may reach it.
var networkMistakes = []badInput{
	{"CIDR not private", small, `network:`, `network:
  cidr: 8.8.0.0/20`,
		`test.yaml:4:9: network.cidr: 8.8.0.0/20 is not private: its addresses belong to others; use a private range of /16 to /23 in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, e.g. 10.20.0.0/20`},
	{"CIDR too small", small, `network:`, `network:
  cidr: 10.20.0.0/24`,
		`test.yaml:4:9: network.cidr: 10.20.0.0/24 is too small for three zones of three tiers; use a private range of /16 to /23 in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, e.g. 10.20.0.0/20`},
	{"CIDR too large", small, `network:`, `network:
  cidr: 10.0.0.0/8`,
		`test.yaml:4:9: network.cidr: 10.0.0.0/8 is larger than a VPC can be; use a private range of /16 to /23 in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, e.g. 10.20.0.0/20`},
	{"CIDR not on its boundary", small, `network:`, `network:
  cidr: 10.20.1.0/20`,
		`test.yaml:4:9: network.cidr: 10.20.1.0/20 does not start at its network address; use 10.20.0.0/20`},
	{"CIDR no range", small, `network:`, `network:
  cidr: 10.20.0.0`,
		`test.yaml:4:9: network.cidr: 10.20.0.0 is not an IPv4 range; use a private range of /16 to /23 in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, e.g. 10.20.0.0/20`},
	{"CIDR IPv6", small, `network:`, `network:
  cidr: "fd00:1234::/64"`,
		`test.yaml:4:9: network.cidr: fd00:1234::/64 is not an IPv4 range; use a private range of /16 to /23 in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, e.g. 10.20.0.0/20`},
	{"CIDR half private", small, `network:`, `network:
  cidr: 172.0.0.0/16`,
		`test.yaml:4:9: network.cidr: 172.0.0.0/16 is not private: its addresses belong to others; use a private range of /16 to /23 in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, e.g. 10.20.0.0/20`},
	{"zones of another region", small, `zones: [eu-central-1a, eu-central-1b]`, `zones: [eu-central-1a, eu-west-1b]`,
		`test.yaml:4:26: network.zones[1]: eu-west-1b is a zone of another region; use zones of eu-central-1, e.g. eu-central-1a`},
	{"one zone", small, `zones: [eu-central-1a, eu-central-1b]`, `zones: [eu-central-1a]`,
		`test.yaml:4:3: network.zones: has 1 items; use 2 to 3`},
	{"four zones", small, `zones: [eu-central-1a, eu-central-1b]`, `zones: [eu-central-1a, eu-central-1b, eu-central-1c, eu-central-1d]`,
		`test.yaml:4:3: network.zones: has 4 items; use 2 to 3`},
	{"a zone twice", small, `zones: [eu-central-1a, eu-central-1b]`, `zones: [eu-central-1a, eu-central-1a]`,
		`test.yaml:4:26: network.zones[1]: eu-central-1a is in the list twice, first as item 1; remove one`},
	{"zones by letter", small, `zones: [eu-central-1a, eu-central-1b]`, `zones: [a, b]`,
		`test.yaml:4:11: network.zones[0]: a is not allowed; use the name of an availability zone, e.g. eu-central-1a
test.yaml:4:14: network.zones[1]: b is not allowed; use the name of an availability zone, e.g. eu-central-1a`},
	{"unknown endpoint", small, `network:`, `network:
  endpoints: [secretmanager]`,
		`test.yaml:4:15: network.endpoints[0]: secretmanager is not allowed; use one of ssm, ssmmessages, ec2messages, secretsmanager, logs, kms, elasticfilesystem, cloudformation, autoscaling, monitoring (did you mean secretsmanager?)`},
	{"endpoint twice", small, `network:`, `network:
  endpoints: [ssm, ssm]`,
		`test.yaml:4:20: network.endpoints[1]: ssm is in the list twice, first as item 1; remove one`},
	{"NAT misspelled", small, `network:`, `network:
  nat: perzone`,
		`test.yaml:4:8: network.nat: perzone is not allowed; use one of perZone, single (did you mean perZone?)`},
	{"flow logs for ever", small, `network:`, `network:
  flowLogDays: 0`,
		`test.yaml:4:16: network.flowLogDays: 0 is not allowed; use one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653`},
	{"access from no range", small, ``, `access: {from: [10.0.0.0/8, school]}`,
		`test.yaml:12:29: access.from[1]: school is not an address range; use IPv4 and IPv6 ranges, e.g. 192.0.2.0/24 or 2001:db8::/32`},
	{"access not on its boundary", small, ``, `access: {from: ["::/0", 192.0.2.1/24]}`,
		`test.yaml:12:25: access.from[1]: 192.0.2.1/24 does not start at its network address; use 192.0.2.0/24`},
	{"access twice", small, ``, `access: {from: ["::/0", 192.0.2.0/24, 192.0.2.0/24]}`,
		`test.yaml:12:39: access.from[2]: 192.0.2.0/24 is in the list twice, first as item 2; remove one`},
	{"access to IPv4 in the form of IPv6", small, ``, `access: {from: ["::/0", "::ffff:10.0.0.0/104"]}`,
		`test.yaml:12:25: access.from[1]: ::ffff:10.0.0.0/104 is an IPv4 range written as an IPv6 one; use 10.0.0.0/8`},
	{"access in another spelling", small, ``, `access: {from: ["2001:db8::/64", "2001:DB8:0:0::/64"]}`,
		`test.yaml:12:34: access.from[1]: 2001:DB8:0:0::/64 is not written in the usual form; use 2001:db8::/64`},
	{"no IPv6 access to a dual-stack site", small, ``, `access: {from: [192.0.2.0/24]}`,
		`test.yaml:12:10: access.from: allows no IPv6 address, but the site has IPv6 addresses; add an IPv6 range, or set network.ip: ipv4`},
	{"IPv6 access to an IPv4 site", small, `network:`, `access: {from: [192.0.2.0/24, "2001:db8::/32"]}
network:
  ip: ipv4`,
		`test.yaml:3:31: access.from[1]: 2001:db8::/32 can't reach a site with network.ip ipv4; remove it, or choose dualStack`},
	{"access from a range in another", small, ``, `access: {from: ["::/0", 10.0.0.0/8, 10.1.0.0/16, "2001:db8::/32"]}`,
		`test.yaml:12:37: access.from[2]: 10.1.0.0/16 is in 10.0.0.0/8 already, item 2; remove one
test.yaml:12:50: access.from[3]: 2001:db8::/32 is in ::/0 already, item 1; remove one`},
	{"more nodes than addresses", small, `network:`, `application: {capacity: {maximum: 160}, schedules: [{name: Exam, recurrence: "0 6 * * *", minimum: 1, maximum: 97}]}
network:
  endpoints: [ssm, logs, kms, monitoring, autoscaling]
  cidr: 10.20.0.0/23`,
		`test.yaml:3:35: application.capacity.maximum: 160 nodes do not fit into 10.20.0.0/23; use at most 107, or a larger network.cidr for a site that is not deployed yet`},
	{"CIDR of a word", small, `network:`, `network:
  cidr: home`,
		`test.yaml:4:9: network.cidr: home is not an IPv4 range; use a private range of /16 to /23 in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, e.g. 10.20.0.0/20`},
}
