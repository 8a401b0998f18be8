package network

import (
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"

	"distributed-moodle/internal/generate/template"
)

// Ports of the site, from the visitor inwards.
const (
	portHTTP       = 80
	portHTTPS      = 443
	portNFS        = 2049
	portPostgreSQL = 5432
	portValkey     = 6379
)

// addSecurityGroups makes the chain: internet → load balancer → application → file system, database, cache. Each link is a rule
// from group to group. Outward rules are part of the group, so that no group keeps AWS's default of "anything to anywhere"; inward
// rules from a group that is added later are separate resources, since two groups cannot refer to each other.
//
// The cache's group exists even without a cache: it costs nothing, and adding or removing a cache then does not change this stack.
//
// Changing a group's description replaces the group, and EC2 allows less in descriptions of groups and rules than YAML does: fewer
// than 256 characters of a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*, no apostrophe
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html).
func (b *builder) addSecurityGroups() {
	b.filesystem = b.dataGroup("FileSystem", "Mount targets of the file system: NFS from the nodes")
	b.database = b.dataGroup("Database", "Database: PostgreSQL from the nodes")
	b.cache = b.dataGroup("Cache", "Cache: Valkey from the nodes")
	b.addApplicationGroup()
	b.addLoadBalancerGroup()

	b.admit("Application", b.application, b.loadBalancer, portHTTP, "Requests and health checks from the load balancer")
	b.admit("FileSystem", b.filesystem, b.application, portNFS, "NFS from the nodes")
	b.admit("Database", b.database, b.application, portPostgreSQL, "PostgreSQL from the nodes")
	b.admit("Cache", b.cache, b.application, portValkey, "Valkey from the nodes")
}

// dataGroup adds the security group of a resource that opens no connections itself.
func (b *builder) dataGroup(id, description string) *template.Resource {
	return b.Add(id+"SecurityGroup", "Only the nodes may connect to it; it may connect to nothing", &ec2.SecurityGroup{
		GroupDescription: description,
		SecurityGroupEgress: []ec2.SecurityGroup_Egress{{
			// A group without outward rules gets AWS's default, anything to anywhere; a rule to nowhere prevents that.
			CidrIp: new("127.0.0.1/32"), Description: new("Nowhere: answers need no rule"), IpProtocol: "-1",
		}},
		Tags:  template.Name(b.name(strings.ToLower(id))),
		VpcId: new(b.vpc.Ref()),
	})
}

func (b *builder) addApplicationGroup() {
	out := []ec2.SecurityGroup_Egress{
		toGroup(b.filesystem, portNFS, "File system"),
		toGroup(b.database, portPostgreSQL, "Database"),
		toGroup(b.cache, portValkey, "Cache"),
		toAnywhere(portHTTPS, "AWS APIs and package mirrors by HTTPS"),
		toAnywhere(portHTTP, "Ubuntu package mirrors, which speak HTTP and sign what they send"),
	}
	// EC2 identifies a rule by protocol, ports and peer, and refuses duplicates: these two ports are already open for mail.
	if m := b.env.Mail; m.Transport != "none" && m.Port != portHTTP && m.Port != portHTTPS {
		out = append(out, toAnywhere(m.Port, "Mail by SMTP"))
	}
	b.application = b.Add("ApplicationSecurityGroup", "Nodes accept connections from the load balancer only. Port 22 is closed: administrators use Session Manager", &ec2.SecurityGroup{
		GroupDescription:    "Nodes that run Moodle: HTTP from the load balancer",
		SecurityGroupEgress: out,
		Tags:                template.Name(b.name("application")),
		VpcId:               new(b.vpc.Ref()),
	})
}

func (b *builder) addLoadBalancerGroup() {
	var in []ec2.SecurityGroup_Ingress
	for _, from := range b.env.Access.From {
		if b.env.Domain.Name != "" {
			in = append(in, fromVisitors(from, portHTTPS, "HTTPS from visitors"))
		}
		in = append(in, fromVisitors(from, portHTTP, b.httpPurpose()))
	}
	b.loadBalancer = b.Add("LoadBalancerSecurityGroup", "The only part of the site that is open to visitors", &ec2.SecurityGroup{
		GroupDescription:     "Load balancer: HTTP and HTTPS from visitors",
		SecurityGroupEgress:  []ec2.SecurityGroup_Egress{toGroup(b.application, portHTTP, "Requests and health checks to the nodes")},
		SecurityGroupIngress: in,
		Tags:                 template.Name(b.name("load-balancer")),
		VpcId:                new(b.vpc.Ref()),
	}).Accept("CKV_AWS_260", "visitors type addresses without https; on port 80 they meet a redirect, or a site that has no domain yet")
}

func (b *builder) httpPurpose() string {
	if b.env.Domain.Name != "" {
		return "HTTP from visitors, which is only ever redirected to HTTPS"
	}
	return "HTTP from visitors: this site has no domain, hence no certificate"
}

func fromVisitors(cidr string, port int, purpose string) ec2.SecurityGroup_Ingress {
	rule := ec2.SecurityGroup_Ingress{Description: new(purpose), FromPort: new(port), IpProtocol: "tcp", ToPort: new(port)}
	if strings.Contains(cidr, ":") {
		rule.CidrIpv6 = new(cidr)
	} else {
		rule.CidrIp = new(cidr)
	}
	return rule
}

func toAnywhere(port int, description string) ec2.SecurityGroup_Egress {
	return ec2.SecurityGroup_Egress{CidrIp: new(anywhere), Description: new(description), FromPort: new(port), IpProtocol: "tcp", ToPort: new(port)}
}

func toGroup(group *template.Resource, port int, description string) ec2.SecurityGroup_Egress {
	return ec2.SecurityGroup_Egress{Description: new(description), DestinationSecurityGroupId: new(group.GetAtt("GroupId")), FromPort: new(port), IpProtocol: "tcp", ToPort: new(port)}
}

// admit allows connections from one group to another on one port.
func (b *builder) admit(id string, to, from *template.Resource, port int, description string) {
	source := strings.TrimSuffix(from.ID, "SecurityGroup")
	b.Add(id+"From"+source, "One allowed connection on the way from visitor to data", &ec2.SecurityGroupIngress{
		Description:           new(description),
		FromPort:              new(port),
		GroupId:               new(to.GetAtt("GroupId")),
		IpProtocol:            "tcp",
		SourceSecurityGroupId: new(from.GetAtt("GroupId")),
		ToPort:                new(port),
	})
}
