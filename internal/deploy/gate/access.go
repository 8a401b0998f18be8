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
				Code: AccessWidened, Subject: d.subject(), What: what,
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
				all = append(all, d.subject()+": "+what)
			}
		}
	}
	return all
}

func opened(d difference) []string {
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
func newDoors(before, after template.Value) []string {
	known := map[string]bool{}
	for _, rule := range before.Items() {
		known[door(rule)] = true
	}
	var all []string
	for _, rule := range after.Items() {
		if d := door(rule); d != "" && !known[d] {
			all = append(all, d)
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

func newlyTrue(d difference) []string {
	before, after := d.Old.Properties(), d.New.Properties()
	var all []string
	for _, p := range public {
		if p.kind == d.Type && hasValue(after, p.path, p.value) && !hasValue(before, p.path, p.value) {
			all = append(all, p.what)
		}
	}
	if d.Type == "AWS::S3::Bucket" && before.Key("PublicAccessBlockConfiguration").Exists() &&
		!after.Key("PublicAccessBlockConfiguration").Exists() {
		all = append(all, "nothing prevents the bucket from becoming public")
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
