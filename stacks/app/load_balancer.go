package app

import (
	"strconv"

	elb "github.com/awslabs/goformation/v7/cloudformation/elasticloadbalancingv2"
	"github.com/awslabs/goformation/v7/cloudformation/s3"

	"distributed-moodle/internal/generate/template"
)

// tlsPolicy offers TLS 1.3 and, for older browsers, 1.2 with forward secrecy
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html).
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

const accessLogDays = 90

const withoutDomain = "a site without a domain can have no certificate; production is refused without one"

func (b *builder) addLoadBalancer() {
	logs, policy := b.addAccessLogs()
	b.balancer = b.Add("LoadBalancer", "One address for all nodes, in every zone", &elb.LoadBalancer{
		IpAddressType: new(map[bool]string{true: "dualstack", false: "ipv4"}[b.env.Network.IP == "dualStack"]),
		LoadBalancerAttributes: attributes(
			"access_logs.s3.bucket", logs.Ref(), "access_logs.s3.enabled", "true",
			"deletion_protection.enabled", map[bool]string{true: "true", false: "false"}[b.env.Production],
			"idle_timeout.timeout_seconds", strconv.Itoa(timesOf(b.env).Balancer),
			"routing.http.desync_mitigation_mode", "defensive",
			"routing.http.drop_invalid_header_fields.enabled", "true",
		),
		Scheme:         new("internet-facing"),
		SecurityGroups: []string{b.net.LoadBalancerSecurityGroup.Value()},
		Subnets:        template.Values(b.net.PublicSubnets),
		Tags:           template.Name(b.env.Site),
		Type:           new("application"),
	}).DependsOn(policy)
	b.addTargetGroup()
	b.addListeners()
}

// attributes are pairs of key and value.
func attributes(pairs ...string) []elb.LoadBalancer_LoadBalancerAttribute {
	var list []elb.LoadBalancer_LoadBalancerAttribute
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, elb.LoadBalancer_LoadBalancerAttribute{Key: new(pairs[i]), Value: new(pairs[i+1])})
	}
	return list
}

func (b *builder) addTargetGroup() {
	// A node that is taken away gets no new requests and may finish those on their way for so long, by default two
	// minutes; a longer request is cut off. The delay ends early when there are none
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay).
	// Three failed checks of ten seconds: a node that has vanished costs visitors half a minute (measured:
	// docs/node.md); who is only busy still answers, since the check has PHP processes of its own.
	b.targets = b.Add(
		"TargetGroup",
		"A node gets requests while it answers /healthz, which uses neither database nor file system: their failure must not replace all nodes",
		&elb.TargetGroup{
			HealthCheckIntervalSeconds: new(10),
			HealthCheckPath:            new("/healthz"),
			HealthCheckProtocol:        new("HTTP"),
			HealthCheckTimeoutSeconds:  new(5),
			HealthyThresholdCount:      new(2),
			Matcher:                    &elb.TargetGroup_Matcher{HttpCode: new("200")},
			Port:                       new(80),
			Protocol:                   new("HTTP"),
			Tags:                       template.Name(b.env.Site),
			TargetGroupAttributes: []elb.TargetGroup_TargetGroupAttribute{
				{Key: new("deregistration_delay.timeout_seconds"), Value: new(strconv.Itoa(b.env.Application.DeregistrationSeconds))},
				{Key: new("load_balancing.algorithm.type"), Value: new("least_outstanding_requests")},
			},
			TargetType:              new("instance"),
			UnhealthyThresholdCount: new(3),
			VpcId:                   new(b.net.VPC.Value()),
		},
	)
}

func (b *builder) addListeners() {
	forward := []elb.Listener_Action{{TargetGroupArn: new(b.targets.Ref()), Type: "forward"}}
	if b.certificate == "" {
		b.listener = b.Add("HttpListener", "Plain HTTP: the site has no domain, hence no certificate. Not for real students", &elb.Listener{
			DefaultActions: forward, LoadBalancerArn: b.balancer.Ref(), Port: new(80), Protocol: new("HTTP"),
		}).
			Accept("CKV_AWS_2", withoutDomain).
			Accept("CKV_AWS_103", withoutDomain)
		return
	}
	b.listener = b.Add("HttpsListener", "Visitors' TLS ends here", &elb.Listener{
		Certificates:    []elb.Listener_Certificate{{CertificateArn: new(b.certificate)}},
		DefaultActions:  forward,
		LoadBalancerArn: b.balancer.Ref(),
		Port:            new(443),
		Protocol:        new("HTTPS"),
		SslPolicy:       new(tlsPolicy),
	})
	b.Add("HttpListener", "Redirects visitors who type the address without https", &elb.Listener{
		DefaultActions: []elb.Listener_Action{{
			RedirectConfig: &elb.Listener_RedirectConfig{
				Port:       new("443"),
				Protocol:   new("HTTPS"),
				StatusCode: "HTTP_301",
			},
			Type: "redirect",
		}},
		LoadBalancerArn: b.balancer.Ref(), Port: new(80), Protocol: new("HTTP"),
	})
}

// addAccessLogs adds the bucket of the load balancer's access logs. The load balancer writes only with S3's own
// encryption, and only after the policy exists. It writes a test file at once, and without permission the creation
// fails: so the permission is not narrower than in AWS's example; the path contains the account. With the test file in
// it the bucket is not empty, and CloudFormation could not delete it in a rollback: so its policy is Retain from the
// start, and after a failed first creation deploy recover --delete-leftovers deletes it
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html,
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html).
func (b *builder) addAccessLogs() (bucket, policy *template.Resource) {
	bucket = b.Add("AccessLogs", "Who requested what, and when: needed after an incident. Deleted after three months, since it names people", &s3.Bucket{
		BucketEncryption: &s3.Bucket_BucketEncryption{
			ServerSideEncryptionConfiguration: []s3.Bucket_ServerSideEncryptionRule{{
				ServerSideEncryptionByDefault: &s3.Bucket_ServerSideEncryptionByDefault{SSEAlgorithm: "AES256"},
			}},
		},
		LifecycleConfiguration: &s3.Bucket_LifecycleConfiguration{Rules: []s3.Bucket_Rule{{
			AbortIncompleteMultipartUpload: &s3.Bucket_AbortIncompleteMultipartUpload{DaysAfterInitiation: 7},
			ExpirationInDays:               new(accessLogDays),
			NoncurrentVersionExpiration:    &s3.Bucket_NoncurrentVersionExpiration{NoncurrentDays: 7},
			Status:                         "Enabled",
		}}},
		OwnershipControls: &s3.Bucket_OwnershipControls{
			Rules: []s3.Bucket_OwnershipControlsRule{{ObjectOwnership: new("BucketOwnerEnforced")}},
		},
		PublicAccessBlockConfiguration: &s3.Bucket_PublicAccessBlockConfiguration{
			BlockPublicAcls: new(true), BlockPublicPolicy: new(true), IgnorePublicAcls: new(true),
			RestrictPublicBuckets: new(true),
		},
		VersioningConfiguration: &s3.Bucket_VersioningConfiguration{Status: "Enabled"},
	}).
		Retain().
		Accept("CKV_AWS_18", "it is the log bucket: logging into itself would never end")
	policy = b.Add(
		"AccessLogsPolicy",
		"Lets Elastic Load Balancing write this account's logs into the bucket, and refuses every request without TLS",
		&s3.BucketPolicy{
			Bucket: bucket.Ref(),
			PolicyDocument: template.PolicyOf(
				template.Statement{
					Sid: "LoadBalancerWrites", Effect: "Allow",
					Principal: map[string]string{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
					Action:    "s3:PutObject",
					Resource:  template.Sub("${AccessLogs.Arn}/AWSLogs/${AWS::AccountId}/*"),
				},
				template.Statement{
					Sid: "NeverWithoutTLS", Effect: "Deny", Principal: "*", Action: "s3:*",
					Resource:  []string{bucket.GetAtt("Arn"), template.Sub("${AccessLogs.Arn}/*")},
					Condition: map[string]any{"Bool": map[string]string{"aws:SecureTransport": "false"}},
				},
			),
		},
	)
	return bucket, policy
}
