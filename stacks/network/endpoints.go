package network

import (
	"fmt"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"
)

func (b *builder) addEndpoints() {
	var tables []string
	for _, t := range b.appRoutes {
		tables = append(tables, t.Ref())
	}
	b.Add("S3Endpoint", "Takes the traffic to S3 (bundles, archives, packages) past the NAT gateway; it costs nothing", &ec2.VPCEndpoint{
		RouteTableIds:   tables,
		ServiceName:     b.service("s3"),
		VpcEndpointType: new("Gateway"),
		VpcId:           b.vpc.Ref(),
	})
	if len(b.env.Network.Endpoints) == 0 {
		return
	}
	group := b.dataGroup("Endpoint", "Interface endpoints of AWS services: HTTPS from the nodes")
	b.admit("Endpoint", group, b.application, portHTTPS, "AWS APIs from the nodes")
	var subnets []string
	for _, s := range b.appSubnets {
		subnets = append(subnets, s.Ref())
	}
	for _, service := range b.env.Network.Endpoints {
		b.Add(endpointID(service), "Lets nodes reach "+service+" inside the VPC, also when the NAT gateway fails", &ec2.VPCEndpoint{
			PrivateDnsEnabled: new(true),
			SecurityGroupIds:  []string{group.GetAtt("GroupId")},
			ServiceName:       b.service(service),
			SubnetIds:         subnets,
			VpcEndpointType:   new("Interface"),
			VpcId:             b.vpc.Ref(),
		})
	}
}

func (b *builder) service(name string) string {
	return fmt.Sprintf("com.amazonaws.%s.%s", b.env.Region, name)
}

func endpointID(service string) string {
	return strings.ToUpper(service[:1]) + service[1:] + "Endpoint"
}
