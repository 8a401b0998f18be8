package network

import (
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"

	"distributed-moodle/internal/generate/template"
)

const (
	anywhere   = "0.0.0.0/0"
	anywhereV6 = "::/0"
)

func (b *builder) addRoutes() {
	b.addPublicRoutes()
	b.addApplicationRoutes(b.addNATGateways())
	data := b.routeTable("DataRoutes", "No route out of the VPC: file system, database and cache have no connection to the internet", "data")
	for i, z := range b.zones {
		b.associate("DataSubnet"+z.letter, data, b.dataSubnets[i])
	}
}

func (b *builder) addPublicRoutes() {
	public := b.routeTable("PublicRoutes", "Routes directly to the internet, for the load balancer and the NAT gateways", "public")
	b.Add("PublicDefaultRoute", "The route for requests of visitors and the answers to them", &ec2.Route{
		DestinationCidrBlock: new(anywhere),
		GatewayId:            new(b.gateway.Ref()),
		RouteTableId:         public.Ref(),
	}).DependsOn(b.internet)
	if b.dualStack() {
		b.Add("PublicDefaultRouteIpv6", "The same for visitors with IPv6", &ec2.Route{
			DestinationIpv6CidrBlock: new(anywhereV6),
			GatewayId:                new(b.gateway.Ref()),
			RouteTableId:             public.Ref(),
		}).DependsOn(b.internet, b.ipv6Block)
	}
	for i, z := range b.zones {
		b.associate("PublicSubnet"+z.letter, public, b.publicSubnets[i])
	}
}

// addNATGateways returns the gateway of each zone: its own, or the single one of the first zone.
func (b *builder) addNATGateways() []*template.Resource {
	var gateways []*template.Resource
	for i, z := range b.zones {
		if i > 0 && b.env.Network.NAT == "single" {
			gateways = append(gateways, gateways[0])
			continue
		}
		address := b.Add("NatAddress"+z.letter, "The address that other services see when a node connects to them", &ec2.EIP{
			Domain: new("vpc"),
			Tags:   template.Name(b.name("nat-" + strings.ToLower(z.letter))),
		}).DependsOn(b.internet)
		gateways = append(gateways, b.Add("NatGateway"+z.letter, b.natReason(z), &ec2.NatGateway{
			AllocationId: new(address.GetAtt("AllocationId")),
			SubnetId:     b.publicSubnets[i].Ref(),
			Tags:         template.Name(b.name("nat-" + strings.ToLower(z.letter))),
		}))
	}
	return gateways
}

func (b *builder) natReason(z zone) string {
	if b.env.Network.NAT == "single" {
		return "Connects every node to the internet. If its zone fails, all nodes lose that connection: see network.nat in the environment file"
	}
	return "Connects the nodes in " + z.name + " to the internet; the failure of another zone does not affect them"
}

// addApplicationRoutes adds a route table per zone even if the zones share a gateway: a later change to one gateway per zone then
// changes routes in place.
func (b *builder) addApplicationRoutes(gateways []*template.Resource) {
	for i, z := range b.zones {
		table := b.routeTable("ApplicationRoutes"+z.letter, "Routes of the nodes in "+z.name+" to the internet, through a NAT gateway", "application-"+strings.ToLower(z.letter))
		b.Add("ApplicationDefaultRoute"+z.letter, "The route to Ubuntu's package mirrors and the APIs of AWS", &ec2.Route{
			DestinationCidrBlock: new(anywhere),
			NatGatewayId:         new(gateways[i].Ref()),
			RouteTableId:         table.Ref(),
		})
		b.associate("ApplicationSubnet"+z.letter, table, b.appSubnets[i])
		b.appRoutes = append(b.appRoutes, table)
	}
}

func (b *builder) routeTable(id, why, name string) *template.Resource {
	return b.Add(id, why, &ec2.RouteTable{Tags: template.Name(b.name(name)), VpcId: b.vpc.Ref()})
}

func (b *builder) associate(subnetID string, table, subnet *template.Resource) {
	b.Add(subnetID+"Routes", "Without it the subnet would use the VPC's main route table, which is in no template", &ec2.SubnetRouteTableAssociation{
		RouteTableId: table.Ref(),
		SubnetId:     subnet.Ref(),
	})
}
