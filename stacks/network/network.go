// Package network builds the stack that the others use: addresses, zones, routes and security groups.
//
// Start with [Build]. Each file has one subject; the address plan is in addresses.go, the chain of security groups in
// security_groups.go.
package network

import (
	"strings"

	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/generate/template"
)

// Build builds the network stack of a site, and returns what other stacks may import from it.
func Build(env *environment.Environment) (*template.Template, Exports) {
	t := template.New(env.Site, "network", "Addresses, zones and routes of "+env.Site+", and who may talk to whom")
	b := &builder{Template: t, env: env, zones: zonesOf(env)}

	b.addVPC()
	b.addSubnets()
	b.addRoutes()
	b.addSecurityGroups()
	b.addEndpoints()
	b.addFlowLogs()
	return t, b.exports()
}

// builder is the template under construction, with the values that its files share.
type builder struct {
	*template.Template
	env   *environment.Environment
	zones []zone

	vpc, ipv6Block, gateway, internet *template.Resource
	publicSubnets, appSubnets         []*template.Resource
	dataSubnets, appRoutes            []*template.Resource
	loadBalancer, application         *template.Resource // security groups
	filesystem, database, cache       *template.Resource // security groups
	logKey                            *template.Resource
}

// zone is one availability zone: its letter is the last of its name, and part of logical ids.
type zone struct {
	name, letter              string
	public, application, data string // CIDRs
}

func zonesOf(env *environment.Environment) []zone {
	var zones []zone
	for i, name := range env.Network.Zones {
		p := planFor(env.Network.CIDR, i)
		zones = append(zones, zone{name, strings.ToUpper(name[len(name)-1:]), p.public, p.application, p.data})
	}
	return zones
}

func (b *builder) name(what string) string { return b.env.Site + "-" + what }

func (b *builder) dualStack() bool { return b.env.Network.IP == "dualStack" }

func (b *builder) exports() Exports {
	e := Exports{
		VPC:                       b.Export("VpcId", "The site's VPC", b.vpc.Ref()),
		LoadBalancerSecurityGroup: b.Export("LoadBalancerSecurityGroupId", "Admits visitors to the load balancer", b.loadBalancer.GetAtt("GroupId")),
		ApplicationSecurityGroup:  b.Export("ApplicationSecurityGroupId", "Admits the load balancer to the nodes", b.application.GetAtt("GroupId")),
		FileSystemSecurityGroup:   b.Export("FileSystemSecurityGroupId", "Admits the nodes to the file system", b.filesystem.GetAtt("GroupId")),
		DatabaseSecurityGroup:     b.Export("DatabaseSecurityGroupId", "Admits the nodes to the database", b.database.GetAtt("GroupId")),
		CacheSecurityGroup:        b.Export("CacheSecurityGroupId", "Admits the nodes to the cache", b.cache.GetAtt("GroupId")),
		LogKey:                    b.Export("LogKeyArn", "Key that encrypts the site's logs", b.logKey.GetAtt("Arn")),
	}
	for i, z := range b.zones {
		e.PublicSubnets = append(e.PublicSubnets, b.Export("PublicSubnet"+z.letter+"Id", "Public subnet in "+z.name, b.publicSubnets[i].Ref()))
		e.ApplicationSubnets = append(e.ApplicationSubnets, b.Export("ApplicationSubnet"+z.letter+"Id", "Application subnet in "+z.name, b.appSubnets[i].Ref()))
		e.DataSubnets = append(e.DataSubnets, b.Export("DataSubnet"+z.letter+"Id", "Data subnet in "+z.name, b.dataSubnets[i].Ref()))
	}
	return e
}
