package gate

import (
	"fmt"
	"strings"

	"distributed-moodle/internal/cfn/compare"
)

// accessWidened finds what the internet, or everybody in AWS, reaches afterwards and did not before.
func accessWidened(f Facts) []Finding {
	var all []Finding
	for _, d := range f.differences() {
		for _, what := range opened(d) {
			all = append(all, Finding{
				Code: AccessWidened, Subject: d.subject(), What: what,
				Steps: []string{"give a narrower range, group or principal"}, LastResort: "or accept it by name, with the reason",
			})
		}
	}
	return all
}

// NewlyPublic tells what the internet, or everybody in AWS, will reach in stacks that are new: Network/Balancers: 0.0.0.0/0 reaches port
// 443. That is no finding, since nothing was closed before, but a person wants to read it.
func NewlyPublic(f Facts) []string {
	var all []string
	for _, s := range f.Stacks {
		if s.Old != nil {
			continue
		}
		for _, r := range compare.Resources(nil, s.New) {
			d := difference{s.Path, r}
			for _, what := range opened(d) {
				all = append(all, d.subject()+": "+what)
			}
		}
	}
	return all
}

func opened(d difference) []string {
	if d.New == nil {
		return nil
	}
	before, after := mapOf(d.Old["Properties"]), mapOf(d.New["Properties"])
	switch d.Type {
	case "AWS::EC2::SecurityGroup":
		return newDoors(listOf(before["SecurityGroupIngress"]), listOf(after["SecurityGroupIngress"]))
	case "AWS::EC2::SecurityGroupIngress":
		return newDoors([]any{d.Old["Properties"]}, []any{d.New["Properties"]})
	case "AWS::S3::BucketPolicy", "AWS::KMS::Key", "AWS::SNS::TopicPolicy", "AWS::EFS::FileSystem", "AWS::SecretsManager::ResourcePolicy":
		return newlyPublic(d)
	}
	return newlyTrue(d, before, after)
}

// newDoors are rules that let anybody in and did not stand there before.
func newDoors(before, after []any) []string {
	known := map[string]bool{}
	for _, rule := range before {
		known[door(mapOf(rule))] = true
	}
	var all []string
	for _, rule := range after {
		if d := door(mapOf(rule)); d != "" && !known[d] {
			all = append(all, d)
		}
	}
	return all
}

// door describes a rule that lets anybody in; empty for a rule that does not.
func door(rule map[string]any) string {
	for _, key := range []string{"CidrIp", "CidrIpv6"} {
		if cidr, _ := rule[key].(string); strings.HasSuffix(cidr, "/0") {
			return fmt.Sprintf("%s reaches %s", cidr, ports(rule))
		}
	}
	return ""
}

func ports(rule map[string]any) string {
	from, to := rule["FromPort"], rule["ToPort"]
	switch {
	case rule["IpProtocol"] == "-1" || from == nil:
		return "every port"
	case from == to:
		return fmt.Sprintf("port %v", from)
	}
	return fmt.Sprintf("ports %v to %v", from, to)
}

// public are properties that make a thing reachable from the internet when they are so.
var public = []struct{ kind, path, value, what string }{
	{"AWS::EC2::LaunchTemplate", "AssociatePublicIpAddress", "true", "instances get public addresses"},
	{"AWS::EC2::Subnet", "MapPublicIpOnLaunch", "true", "whatever starts in the subnet gets a public address"},
	{"AWS::RDS::DBInstance", "PubliclyAccessible", "true", "the database gets a public address"},
	{"AWS::RDS::DBCluster", "PubliclyAccessible", "true", "the database gets a public address"},
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", "Scheme", "internet-facing", "the load balancer faces the internet"},
	{"AWS::S3::Bucket", "BlockPublicAcls", "false", "the bucket's access lists can make it public"},
	{"AWS::S3::Bucket", "BlockPublicPolicy", "false", "a policy can make the bucket public"},
	{"AWS::S3::Bucket", "IgnorePublicAcls", "false", "the bucket's access lists can make it public"},
	{"AWS::S3::Bucket", "RestrictPublicBuckets", "false", "a public policy of the bucket takes effect"},
}

func newlyTrue(d difference, before, after map[string]any) []string {
	var all []string
	for _, p := range public {
		if p.kind == d.Type && hasValue(after, p.path, p.value) && !hasValue(before, p.path, p.value) {
			all = append(all, p.what)
		}
	}
	if d.Type == "AWS::S3::Bucket" && before["PublicAccessBlockConfiguration"] != nil && after["PublicAccessBlockConfiguration"] == nil {
		all = append(all, "nothing keeps the bucket from being made public")
	}
	return all
}

// hasValue reports whether a property of this name has the value anywhere below v.
func hasValue(v any, name, value string) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			if key == name && compare.Text(item) == value || hasValue(item, name, value) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if hasValue(item, name, value) {
				return true
			}
		}
	}
	return false
}

func mapOf(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func listOf(v any) []any {
	l, _ := v.([]any)
	return l
}
