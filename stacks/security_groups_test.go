package stacks_test

import (
	"fmt"
	"regexp"
	"testing"
)

// ec2Text is what EC2 takes as the description of a group or a rule. Neither CloudFormation's schema nor a linter knows it for rules
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html).
var ec2Text = regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)

// TestNothingListensToSSHAndEveryRuleSaysWhy also holds each rule to what EC2 takes, which would otherwise be known after the network's
// first minute.
func TestNothingListensToSSHAndEveryRuleSaysWhy(t *testing.T) {
	for _, r := range every(t, "AWS::EC2::SecurityGroup") {
		if text, _ := r.properties()["GroupDescription"].(string); !ec2Text.MatchString(text) {
			t.Errorf("%s %s: EC2 takes no group with the description %q", r.where, r.id, text)
		}
		for direction := range ruleTypes {
			rules, _ := r.properties()[direction].([]any)
			for _, rule := range rules {
				checkRule(t, r, mapOf(rule))
			}
		}
		if egress, _ := r.properties()["SecurityGroupEgress"].([]any); len(egress) == 0 {
			t.Errorf("%s %s has no rule outwards, so AWS gives it its default: anything to anywhere", r.where, r.id)
		}
	}
	for _, r := range every(t, "AWS::EC2::SecurityGroupIngress") {
		checkRule(t, r, r.properties())
	}
}

func checkRule(t *testing.T, r resource, rule map[string]any) {
	t.Helper()
	from, _ := rule["FromPort"].(int)
	to, _ := rule["ToPort"].(int)
	if rule["IpProtocol"] == "tcp" && (from < 1 || to < from) {
		t.Errorf("%s %s: a rule for the ports %d to %d: something that should say them is empty", r.where, r.id, from, to)
	}
	if from <= 22 && to >= 22 {
		t.Errorf("%s %s opens port 22", r.where, r.id)
	}
	if text, _ := rule["Description"].(string); !ec2Text.MatchString(text) {
		t.Errorf("%s %s: EC2 takes no rule with the description %q, that for port %d", r.where, r.id, text, from)
	}
}

// ruleTypes are the properties that hold a group's rules, each with the type of a rule that is a resource of its own.
var ruleTypes = map[string]string{
	"SecurityGroupIngress": "AWS::EC2::SecurityGroupIngress",
	"SecurityGroupEgress":  "AWS::EC2::SecurityGroupEgress",
}

// rulesPerGroup is the default quota, for each direction and IP version
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups).
const rulesPerGroup = 60

// TestNoGroupHasARuleTwice: EC2 knows a rule by its protocol, ports and peer, and refuses a second one that differs in its description
// alone ("The same permission must not appear multiple times").
func TestNoGroupHasARuleTwice(t *testing.T) {
	every(t, "AWS::EC2::SecurityGroup")
	seen, count := map[string]bool{}, map[string]int{}
	hold := func(where, group, direction string, rule map[string]any) {
		side := fmt.Sprintf("%s %s %s", where, group, direction)
		peer := ""
		for _, key := range []string{"CidrIp", "CidrIpv6", "SourceSecurityGroupId", "DestinationSecurityGroupId"} {
			peer += fmt.Sprint(rule[key], " ")
		}
		permission := fmt.Sprintf("%s: %v %v-%v %s", side, rule["IpProtocol"], rule["FromPort"], rule["ToPort"], peer)
		if seen[permission] {
			t.Errorf("twice, which EC2 refuses: %s", permission)
		}
		seen[permission] = true
		if count[side]++; count[side] == rulesPerGroup+1 {
			t.Errorf("%s has more than %d rules", side, rulesPerGroup)
		}
	}
	for _, r := range generated.all {
		for property, kind := range ruleTypes {
			inside, _ := r.properties()[property].([]any)
			for _, rule := range inside {
				hold(r.where, r.id, property, mapOf(rule))
			}
			if r.body["Type"] == kind {
				group := fmt.Sprint(mapOf(r.properties()["GroupId"])["Fn::GetAtt"])
				owner := regexp.MustCompile(`[A-Za-z]+SecurityGroup`).FindString(group)
				if owner == "" {
					t.Errorf("%s %s is a rule of %s, which is no group of its template", r.where, r.id, group)
				}
				hold(r.where, owner, property, r.properties())
			}
		}
	}
}
