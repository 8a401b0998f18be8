package gate

import (
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/template"
)

// accessWidened finds what the internet, or everybody in AWS, reaches afterwards and did not before.
func accessWidened(f Facts) []Finding {
	var all []Finding
	for _, d := range f.differences() {
		for _, what := range opened(d) {
			all = append(all, Finding{
				Code: AccessWidened, Subject: d.subject(), What: what.text, Facts: []Fact{what.fact},
				Steps:      []string{"use narrower ranges: access.from in the environment file"},
				LastResort: "or pass --accept with the reason",
			})
		}
	}
	return all
}

// NewlyPublic returns what the internet, or every AWS account, will reach in new stacks: Network/Balancers: 0.0.0.0/0
// reaches port 443. That is not a finding, since nothing was closed before, but a person should read it.
func NewlyPublic(f Facts) []string {
	var all []string
	for _, s := range f.Stacks {
		if s.Old != nil {
			continue
		}
		for _, r := range template.Differences(nil, s.New) {
			d := difference{s.Path, r}
			for _, what := range opened(d) {
				all = append(all, d.subject()+": "+what.text)
			}
		}
	}
	return all
}

// observation is a sentence, and the fact that it is about.
type observation struct {
	text string
	fact Fact
}

func opened(d difference) []observation {
	if !d.New.Exists() {
		return nil
	}
	switch d.Type {
	case "AWS::EC2::SecurityGroup":
		return newDoors(d.Old.Property("SecurityGroupIngress"), d.New.Property("SecurityGroupIngress"))
	case "AWS::EC2::SecurityGroupIngress":
		return newDoors(d.Old.Properties(), d.New.Properties())
	case "AWS::S3::BucketPolicy",
		"AWS::KMS::Key",
		"AWS::SNS::TopicPolicy",
		"AWS::EFS::FileSystem",
		"AWS::SecretsManager::ResourcePolicy":
		return newlyPublic(d)
	}
	return newlyTrue(d)
}

// newDoors returns rules that allow everybody and did not exist before.
func newDoors(before, after template.Value) []observation {
	known := map[string]bool{}
	for _, rule := range before.Items() {
		known[door(rule)] = true
	}
	var all []observation
	for _, rule := range after.Items() {
		if d := door(rule); d != "" && !known[d] {
			all = append(all, observation{d, doorFact(rule)})
		}
	}
	return all
}

// door describes a rule that lets anybody in; empty for a rule that does not.
func door(rule template.Value) string {
	for _, key := range []string{"CidrIp", "CidrIpv6"} {
		if cidr, _ := rule.Key(key).Literal(); strings.HasSuffix(cidr, "/0") {
			return fmt.Sprintf("%s reaches %s", cidr, ports(rule))
		}
	}
	return ""
}

// doorFact says in the template's words who reaches which ports.
func doorFact(rule template.Value) Fact {
	var all []string
	for _, key := range []string{"CidrIp", "CidrIpv6", "IpProtocol", "FromPort", "ToPort"} {
		all = append(all, canonical(key, rule.Key(key)))
	}
	return Fact{Path: "ingress", After: strings.Join(all, " ")}
}

func ports(rule template.Value) string {
	from, to := rule.Key("FromPort"), rule.Key("ToPort")
	switch {
	case rule.Key("IpProtocol").String() == "-1" || !from.Exists():
		return "every port"
	case from.Equal(to):
		return fmt.Sprintf("port %v", from)
	}
	return fmt.Sprintf("ports %v to %v", from, to)
}

// public are properties that make a thing reachable from the internet when they are so.
var public = []struct{ kind, path, value, what string }{
	{"AWS::EC2::LaunchTemplate", "AssociatePublicIpAddress", "true", "instances get public addresses"},
	{"AWS::EC2::Subnet", "MapPublicIpOnLaunch", "true", "every machine in the subnet gets a public address"},
	{"AWS::RDS::DBInstance", "PubliclyAccessible", "true", "the database gets a public address"},
	{"AWS::RDS::DBCluster", "PubliclyAccessible", "true", "the database gets a public address"},
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", "Scheme", "internet-facing", "the load balancer faces the internet"},
	{"AWS::S3::Bucket", "BlockPublicAcls", "false", "the bucket's access lists can make it public"},
	{"AWS::S3::Bucket", "BlockPublicPolicy", "false", "a policy can make the bucket public"},
	{"AWS::S3::Bucket", "IgnorePublicAcls", "false", "the bucket's access lists can make it public"},
	{"AWS::S3::Bucket", "RestrictPublicBuckets", "false", "a public policy of the bucket takes effect"},
}

func newlyTrue(d difference) []observation {
	before, after := d.Old.Properties(), d.New.Properties()
	var all []observation
	for _, p := range public {
		if p.kind == d.Type && hasValue(after, p.path, p.value) && !hasValue(before, p.path, p.value) {
			all = append(all, observation{p.what, Fact{p.path, "", p.value}})
		}
	}
	if d.Type == "AWS::S3::Bucket" && before.Key("PublicAccessBlockConfiguration").Exists() &&
		!after.Key("PublicAccessBlockConfiguration").Exists() {
		const path = "PublicAccessBlockConfiguration"
		all = append(all, observation{
			"nothing prevents the bucket from becoming public", fact(path, before.Key(path), template.Value{}),
		})
	}
	return all
}

// hasValue reports whether a property of this name has the value anywhere below v.
func hasValue(v template.Value, name, value string) bool {
	if v.IsList() {
		return slices.ContainsFunc(v.Items(), func(item template.Value) bool { return hasValue(item, name, value) })
	}
	return slices.ContainsFunc(v.Keys(), func(key string) bool {
		return key == name && v.Key(key).String() == value || hasValue(v.Key(key), name, value)
	})
}
