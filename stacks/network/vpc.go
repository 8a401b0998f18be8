package network

import (
	"github.com/awslabs/goformation/v7/cloudformation/ec2"

	"distributed-moodle/internal/generate/template"
)

// ipv6Ranges is how many /64 ranges are cut from the VPC's /56, one a public subnet, with room for more.
const ipv6Ranges = 16

func (b *builder) addVPC() {
	b.vpc = b.Add("Vpc", "One network a site. Names resolve inside it, which the file system and the database are reached by", &ec2.VPC{
		CidrBlock:          new(b.env.Network.CIDR),
		EnableDnsHostnames: new(true),
		EnableDnsSupport:   new(true),
		Tags:               template.Name(b.env.Site),
	})
	if b.dualStack() {
		b.ipv6Block = b.Add("Ipv6Range", "Visitors with IPv6 alone reach the load balancer too; nothing behind it has such an address", &ec2.VPCCidrBlock{
			AmazonProvidedIpv6CidrBlock: new(true),
			VpcId:                       b.vpc.Ref(),
		})
	}
	gateway := b.Add("InternetGateway", "The load balancer and the NAT gateways are reached and reach out through it", &ec2.InternetGateway{
		Tags: template.Name(b.env.Site),
	})
	b.internet = b.Add("InternetGatewayAttachment", "Routes through the gateway work only once it is attached", &ec2.VPCGatewayAttachment{
		InternetGatewayId: new(gateway.Ref()),
		VpcId:             b.vpc.Ref(),
	})
	b.gateway = gateway
}
