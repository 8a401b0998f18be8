package network

import (
	"github.com/awslabs/goformation/v7/cloudformation/ec2"

	"distributed-moodle/internal/generate/template"
)

// ipv6Ranges is the number of /64 ranges in the VPC's /56 that the template defines: one per public subnet, and some unused.
const ipv6Ranges = 16

func (b *builder) addVPC() {
	b.vpc = b.Add("Vpc", "The site's own network. It resolves names, which nodes need to reach file system and database", &ec2.VPC{
		CidrBlock:          new(b.env.Network.CIDR),
		EnableDnsHostnames: new(true),
		EnableDnsSupport:   new(true),
		Tags:               template.Name(b.env.Site),
	})
	if b.dualStack() {
		b.ipv6Block = b.Add("Ipv6Range", "Lets visitors who have IPv6 only reach the load balancer; nothing behind it has an IPv6 address", &ec2.VPCCidrBlock{
			AmazonProvidedIpv6CidrBlock: new(true),
			VpcId:                       b.vpc.Ref(),
		})
	}
	gateway := b.Add("InternetGateway", "Connects the load balancer and the NAT gateways to the internet", &ec2.InternetGateway{
		Tags: template.Name(b.env.Site),
	})
	b.internet = b.Add("InternetGatewayAttachment", "Routes through the gateway work only after it is attached", &ec2.VPCGatewayAttachment{
		InternetGatewayId: new(gateway.Ref()),
		VpcId:             b.vpc.Ref(),
	})
	b.gateway = gateway
}
