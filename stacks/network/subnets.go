package network

import (
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"

	"distributed-moodle/internal/generate/template"
)

func (b *builder) addSubnets() {
	for i, z := range b.zones {
		s := b.addSubnet("PublicSubnet", "For load balancer and NAT gateway only. Nothing here gets a public address automatically", z, "public", z.public)
		b.publicSubnets = append(b.publicSubnets, s)
		if b.dualStack() {
			b.addIPv6(s, i)
		}
	}
	for _, z := range b.zones {
		b.appSubnets = append(b.appSubnets, b.addSubnet("ApplicationSubnet",
			"For nodes: outward through NAT for packages and AWS, inward from the load balancer only", z, "application", z.application))
	}
	for _, z := range b.zones {
		b.dataSubnets = append(b.dataSubnets, b.addSubnet("DataSubnet",
			"For database, file system and cache: no route to or from the internet", z, "data", z.data))
	}
}

// addIPv6 gives a subnet the n-th range of the VPC's. It is a separate resource: as a property of the subnet, adding or removing a range
// may replace the subnet (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html), and
// everything in it.
func (b *builder) addIPv6(subnet *template.Resource, n int) {
	b.Add(subnet.ID+"Ipv6", "IPv6 addresses for the load balancer; a resource of its own, since a change must not replace the subnet", &ec2.SubnetCidrBlock{
		Ipv6CidrBlock: new(template.Select(n, template.Cidr(template.Select(0, b.vpc.GetAtt("Ipv6CidrBlocks")), ipv6Ranges, 64))),
		SubnetId:      subnet.Ref(),
	}).DependsOn(b.ipv6Block)
}

func (b *builder) addSubnet(id, why string, z zone, tier, cidr string) *template.Resource {
	return b.Add(id+z.letter, why, &ec2.Subnet{
		AvailabilityZone:    new(z.name),
		CidrBlock:           new(cidr),
		MapPublicIpOnLaunch: new(false),
		Tags:                template.Name(b.name(tier + "-" + strings.ToLower(z.letter))),
		VpcId:               b.vpc.Ref(),
	}).Accept("W3010", "the order of !GetAZs can change, and another zone would replace the subnet")
}
