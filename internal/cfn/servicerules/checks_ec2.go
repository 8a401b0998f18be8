package servicerules

import (
	"fmt"
)

// ruleTypes are the properties that contain a security group's rules, each with the type of a rule by itself.
var ruleTypes = map[string]string{
	"SecurityGroupIngress": "AWS::EC2::SecurityGroupIngress",
	"SecurityGroupEgress":  "AWS::EC2::SecurityGroupEgress",
}

// permission is a rule of a security group, wherever it is written.
type permission struct {
	from      resource
	path      string
	group     string // of which group and direction
	rule      map[string]any
	direction string
}

func permissions(all resources) []permission {
	var permissions []permission
	for _, r := range all {
		for property, kind := range ruleTypes {
			switch r.kind {
			case "AWS::EC2::SecurityGroup":
				for _, p := range r.at(property + "[]") {
					rule, ok := p.value.(map[string]any)
					if ok && !p.unknown && !isFunction(rule) {
						group := r.template + " " + r.id + " " + property
						permissions = append(permissions, permission{r, p.path, group, rule, property})
					}
				}
			case kind:
				group := target(r.properties["GroupId"])
				if group == "" {
					group = fmt.Sprint(r.properties["GroupId"])
				}
				group = r.template + " " + group + " " + property
				permissions = append(permissions, permission{r, "", group, r.properties, property})
			}
		}
	}
	return permissions
}

func permissionOnce(rule *Rule, all resources) []Violation {
	seen := map[string]bool{}
	var violations []Violation
	for _, p := range permissions(all) {
		key := p.group
		for _, part := range []string{
			"IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", "SourceSecurityGroupId",
			"DestinationSecurityGroupId", "SourcePrefixListId", "DestinationPrefixListId",
		} {
			key += fmt.Sprint(" ", p.rule[part])
		}
		if seen[key] {
			violations = append(violations, p.from.violation(rule, p.path, p.rule["Description"]))
		}
		seen[key] = true
	}
	return violations
}

// rulesPerGroupQuota is the default quota, for each direction and IP version.
const rulesPerGroupQuota = 60

func rulesPerGroup(rule *Rule, all resources) []Violation {
	count := map[string]int{}
	var violations []Violation
	for _, p := range permissions(all) {
		for _, version := range []string{"CidrIp", "CidrIpv6"} {
			other := map[string]string{"CidrIp": "CidrIpv6", "CidrIpv6": "CidrIp"}[version]
			if _, of := p.rule[other]; of {
				continue
			}
			side := p.group + " " + version
			if count[side]++; count[side] == rulesPerGroupQuota+1 {
				violations = append(violations, p.from.violation(rule, p.path, count[side]))
			}
		}
	}
	return violations
}

func afterTheAttachment(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, r := range all {
		for _, attachment := range all.of("AWS::EC2::VPCGatewayAttachment") {
			if attachment.template != r.template {
				continue
			}
			gateway := target(attachment.properties["InternetGatewayId"])
			routes := r.kind == "AWS::EC2::Route" && gateway != "" && target(r.properties["GatewayId"]) == gateway
			if uses := routes || r.kind == "AWS::EC2::EIP"; uses && !all.waitsFor(r, attachment.id) {
				violations = append(violations, r.violation(rule, "DependsOn", r.body["DependsOn"]))
			}
		}
	}
	return violations
}

func afterTheVPCsRange(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, r := range all {
		if r.kind != "AWS::EC2::SubnetCidrBlock" && r.kind != "AWS::EC2::Subnet" {
			continue
		}
		for _, ranges := range all.of("AWS::EC2::VPCCidrBlock") {
			vpc := target(ranges.properties["VpcId"])
			uses := vpc != "" && mentions(r.properties["Ipv6CidrBlock"], vpc+" Ipv6CidrBlocks")
			if ranges.template == r.template && uses && !all.waitsFor(r, ranges.id) {
				violations = append(violations, r.violation(rule, "DependsOn", r.body["DependsOn"]))
			}
		}
	}
	return violations
}

func endpointDNS(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, r := range all.of("AWS::EC2::VPCEndpoint") {
		vpc, ok := all.named(r, r.properties["VpcId"])
		if !ok || r.known("PrivateDnsEnabled") != "true" {
			continue
		}
		names, given := vpc.properties["EnableDnsHostnames"]
		if vpc.known("EnableDnsSupport") == "false" || !given || isKnown(names) && scalar(names) != "true" {
			violations = append(violations, r.violation(rule, "PrivateDnsEnabled", true))
		}
	}
	return violations
}

func flowLogPermissions(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, r := range all.of("AWS::EC2::FlowLog") {
		role, ok := all.named(r, r.properties["DeliverLogsPermissionArn"])
		policies := role.at("Policies[]")
		if !ok || role.properties["ManagedPolicyArns"] != nil || len(policies) == 0 {
			continue // its permissions are not here
		}
		for _, action := range []string{"CreateLogStream", "PutLogEvents", "DescribeLogGroups", "DescribeLogStreams"} {
			allowed := no
			for _, p := range policies {
				policy, _ := p.value.(map[string]any)
				if p.unknown || isFunction(p.value) {
					allowed = max(allowed, unknown)
				}
				allowed = max(allowed, allows(policy["PolicyDocument"], func(s map[string]any) truth {
					return does(s, "logs:"+action)
				}))
			}
			if allowed == no {
				violations = append(violations, role.violation(rule, "Policies", "no logs:"+action))
			}
		}
	}
	return violations
}

const userDataBytes = 16384

func userData(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, r := range all.of("AWS::EC2::LaunchTemplate") {
		data, _ := r.properties["LaunchTemplateData"].(map[string]any)
		if n := leastBytes(data["UserData"]); n > userDataBytes {
			violations = append(violations, r.violation(rule, "LaunchTemplateData.UserData", fmt.Sprint(n, " bytes")))
		}
	}
	return violations
}
