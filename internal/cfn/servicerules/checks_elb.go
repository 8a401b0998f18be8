package servicerules

import (
	"fmt"
	"strings"
)

// logging is a load balancer that writes access logs, with their bucket and its policies where those are in its
// template.
type logging struct {
	balancer, bucket resource
	policies         resources
}

func loggings(all resources) []logging {
	var loggings []logging
	for _, balancer := range all.of("AWS::ElasticLoadBalancingV2::LoadBalancer") {
		if balancer.known("LoadBalancerAttributes[Key=access_logs.s3.enabled].Value") != "true" {
			continue
		}
		bucket, ok := all.named(balancer, balancer.value("LoadBalancerAttributes[Key=access_logs.s3.bucket].Value"))
		if !ok {
			continue
		}
		l := logging{balancer: balancer, bucket: bucket}
		for _, policy := range all.of("AWS::S3::BucketPolicy") {
			if policy.template == bucket.template && target(policy.properties["Bucket"]) == bucket.id {
				l.policies = append(l.policies, policy)
			}
		}
		loggings = append(loggings, l)
	}
	return loggings
}

// logDelivery writes the logs of load balancers.
const logDelivery = "logdelivery.elasticloadbalancing.amazonaws.com"

const encryption = "BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault.SSEAlgorithm"

func logsPermission(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, l := range loggings(all) {
		allowed, at, why := no, l.bucket, any("no policy")
		for _, policy := range l.policies {
			at, why = policy, "not allowed"
			allowed = max(allowed, allows(policy.properties["PolicyDocument"], func(s map[string]any) truth {
				writes := min(
					says(s["Principal"], logDelivery), does(s, "s3:PutObject"), says(s["Resource"], "AWSLogs/"),
				)
				switch condition := s["Condition"]; {
				case condition == nil || isNoValue(condition) || writes != yes:
					return writes
				case isFunction(condition):
					return unknown
				default:
					why = condition
					return no
				}
			}))
		}
		if allowed == no {
			violations = append(violations, at.violation(rule, "PolicyDocument", why))
		}
		for _, p := range l.bucket.at(encryption) {
			if !p.unknown && strings.HasPrefix(fmt.Sprint(p.value), "aws:kms") {
				violations = append(violations, l.bucket.violation(rule, p.path, p.value))
			}
		}
	}
	return violations
}

func afterThePolicy(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, l := range loggings(all) {
		for _, policy := range l.policies {
			if !all.waitsFor(l.balancer, policy.id) {
				violations = append(violations, l.balancer.violation(rule, "DependsOn", l.balancer.body["DependsOn"]))
			}
		}
	}
	return violations
}

func logsStay(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, l := range loggings(all) {
		if l.bucket.body["DeletionPolicy"] != "Retain" {
			violations = append(violations, l.bucket.violation(rule, "DeletionPolicy", l.bucket.body["DeletionPolicy"]))
		}
	}
	return violations
}

func portOnce(rule *Rule, all resources) []Violation {
	return once(rule, all.of("AWS::ElasticLoadBalancingV2::Listener"), "LoadBalancerArn", "Port")
}

func priorityOnce(rule *Rule, all resources) []Violation {
	return once(rule, all.of("AWS::ElasticLoadBalancingV2::ListenerRule"), "ListenerArn", "Priority")
}

// once returns the resources that have a property's value as another one of the same owner has it.
func once(rule *Rule, all resources, owner, property string) []Violation {
	var violations []Violation
	for _, r := range twice(all, func(r resource) string {
		if r.known(property) == "" {
			return ""
		}
		return fmt.Sprint(r.template, r.properties[owner], r.known(property))
	}) {
		violations = append(violations, r.violation(rule, property, r.known(property)))
	}
	return violations
}
