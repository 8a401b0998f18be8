package app

import (
	"github.com/awslabs/goformation/v7/cloudformation/iam"
	"github.com/awslabs/goformation/v7/cloudformation/logs"

	"distributed-moodle/internal/generate/template"
	"distributed-moodle/internal/manifest"
)

// metricNamespace is the namespace of the nodes' own metrics.
const metricNamespace = "Moodle"

func (b *builder) addLogs() {
	b.logs = b.Add("NodeLogs", "Logs of boot, web server, PHP and cron, kept when their node is gone", &logs.LogGroup{
		KmsKeyId:        new(b.net.LogKey.Value()),
		RetentionInDays: new(b.env.Application.LogDays),
	}).RetainExceptOnCreate()
}

// addRole adds the nodes' role with the permissions that they need and no more. Its policies are inline: AWS's managed
// ones allow more, and change without a review.
func (b *builder) addRole() {
	role := b.Add("NodeRole", "The permissions of a node, and no more: a security hole in Moodle must not give access to anything else", &iam.Role{
		AssumeRolePolicyDocument: template.TrustService("ec2.amazonaws.com"),
		Policies: []iam.Role_Policy{
			{PolicyName: "boot", PolicyDocument: template.PolicyOf(b.mayBoot()...)},
			{PolicyName: "run", PolicyDocument: template.PolicyOf(b.mayRun()...)},
			{PolicyName: "session", PolicyDocument: template.PolicyOf(maySession())},
		},
		Tags: template.Name(b.name("node")),
	}).
		Accept("CKV_AWS_111", "what it writes without a resource is held by a condition: the metrics' namespace, the groups of this very stack")
	b.profile = b.Add(
		"NodeProfile", "Gives the instances their role", &iam.InstanceProfile{Roles: []string{role.Ref()}},
	)
}

// mayBoot returns the permissions that a node needs until it serves visitors.
func (b *builder) mayBoot() []template.Statement {
	return []template.Statement{
		{
			Sid: "FetchBundle", Effect: "Allow", Action: "s3:GetObject",
			Resource: []string{
				b.artifacts("node/"),
				b.artifacts(manifest.StagedKey("")),
				b.artifacts(manifest.UpgradeKey("")),
			},
		},
		{
			Sid: "SayHowItWent", Effect: "Allow", Action: "cloudformation:SignalResource",
			Resource: template.Pseudo("AWS::StackId"),
		},
		{
			// Any node may be the first, which installs Moodle, so every node may read the master user's secret.
			Sid: "ReadSecrets", Effect: "Allow",
			Action:   []string{"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"},
			Resource: b.secrets(),
		},
		{
			Sid: "DecryptSecrets", Effect: "Allow", Action: "kms:Decrypt", Resource: b.keys(),
			Condition: map[string]any{
				"StringEquals": map[string]string{
					"kms:ViaService": "secretsmanager." + b.env.Region + ".amazonaws.com",
				},
			},
		},
	}
}

// artifacts returns the ARN of the objects under a prefix of the site's bucket.
func (b *builder) artifacts(prefix string) string {
	return template.Sub("arn:${AWS::Partition}:s3:::" + manifest.BucketInTemplate(b.env.Site) + "/" + prefix + "*")
}

// keys returns the keys of the secrets: the site's own, and that of the mail secret if it is not AWS's. AWS's own key,
// aws/secretsmanager, needs no permission (https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html).
func (b *builder) keys() any {
	if b.env.Mail.Key == "" {
		return b.store.Key.Value()
	}
	return []string{b.store.Key.Value(), b.env.Mail.Key}
}

func (b *builder) secrets() []string {
	arns := []string{
		b.store.DatabaseMasterSecret.Value(),
		b.store.DatabaseSecret.Value(),
		b.store.AdministratorSecret.Value(),
	}
	if b.store.CacheSecret.Given() {
		arns = append(arns, b.store.CacheSecret.Value())
	}
	if b.env.Mail.Secret != "" {
		arns = append(arns, b.env.Mail.Secret)
	}
	return arns
}

// mayRun returns the permissions that a node needs while it serves.
func (b *builder) mayRun() []template.Statement {
	return []template.Statement{
		{
			Sid: "MountMoodleData", Effect: "Allow",
			Action:   []string{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"},
			Resource: b.store.FileSystemArn.Value(),
			Condition: map[string]any{
				"StringEquals": map[string]string{"elasticfilesystem:AccessPointArn": b.store.AccessPointArn.Value()},
			},
		},
		{
			Sid: "FindMountTargets", Effect: "Allow", Action: []string{"elasticfilesystem:DescribeMountTargets"},
			Resource: b.store.FileSystemArn.Value(),
		},
		{
			Sid: "WriteLogs", Effect: "Allow",
			Action:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
			Resource: b.logs.GetAtt("Arn"),
		},
		{
			// CloudWatch does not support resources here; a condition on the namespace is the narrowest possible.
			Sid: "PutMetrics", Effect: "Allow", Action: "cloudwatch:PutMetricData", Resource: "*",
			Condition: map[string]any{"StringEquals": map[string]string{"cloudwatch:namespace": metricNamespace}},
		},
		{
			// This action does not support resources; a node finds its own group with it.
			Sid: "FindOwnGroup", Effect: "Allow", Action: "autoscaling:DescribeAutoScalingInstances", Resource: "*",
		},
		{
			// The group's name is not known yet, but its tag is.
			Sid: "FinishBeforeTermination", Effect: "Allow",
			Action: []string{"autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat"},
			Resource: template.Sub(
				"arn:${AWS::Partition}:autoscaling:${AWS::Region}:${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/*",
			),
			Condition: map[string]any{
				"StringEquals": map[string]string{
					"autoscaling:ResourceTag/aws:cloudformation:stack-id": template.Pseudo("AWS::StackId"),
				},
			},
		},
	}
}

// maySession lets Session Manager open a shell on the node, instead of a key and port 22. Its actions do not support
// resources
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html).
func maySession() template.Statement {
	return template.Statement{
		Sid: "SessionManager", Effect: "Allow", Resource: "*",
		Action: []string{
			"ssm:UpdateInstanceInformation",
			"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
			"ssmmessages:OpenDataChannel",
		},
	}
}
