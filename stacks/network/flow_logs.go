package network

import (
	"fmt"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/iam"
	"github.com/awslabs/goformation/v7/cloudformation/kms"
	"github.com/awslabs/goformation/v7/cloudformation/logs"

	"distributed-moodle/internal/generate/template"
)

func (b *builder) addFlowLogs() {
	b.addLogKey()
	group := b.Add("FlowLogGroup", "Log of the VPC's connections, the first thing to look at after an incident", &logs.LogGroup{
		KmsKeyId:        new(b.logKey.GetAtt("Arn")),
		RetentionInDays: new(b.env.Network.FlowLogDays),
	}).RetainExceptOnCreate()
	role := b.Add("FlowLogRole", "Lets the flow logs of this account write into this one log group", &iam.Role{
		AssumeRolePolicyDocument: trustOwnFlowLogs(),
		Policies:                 []iam.Role_Policy{{PolicyName: "write-flow-logs", PolicyDocument: mayWriteFlowLogs(group)}},
	})
	b.Add("FlowLog", "Records every accepted and rejected connection of the VPC", &ec2.FlowLog{
		DeliverLogsPermissionArn: new(role.GetAtt("Arn")),
		LogDestinationType:       new("cloud-watch-logs"),
		LogGroupName:             new(group.Ref()),
		MaxAggregationInterval:   new(600),
		ResourceId:               b.vpc.Ref(),
		ResourceType:             "VPC",
		Tags:                     template.Name(b.env.Site),
		TrafficType:              new("ALL"),
	})
}

// mayWriteFlowLogs has the five actions that AWS documents as the minimum. AWS's example allows them on every resource; here they are
// allowed on the site's own log group, except the one that lists groups, which is called before a group is known
// (https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html).
func mayWriteFlowLogs(group *template.Resource) template.Policy {
	return template.PolicyOf(
		template.Statement{
			Sid: "WriteIntoThisGroup", Effect: "Allow",
			Action:   []string{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
			Resource: group.GetAtt("Arn"),
		},
		template.Statement{
			Sid: "FindTheGroup", Effect: "Allow", Action: "logs:DescribeLogGroups",
			Resource: template.Sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"),
		},
	)
}

// trustOwnFlowLogs keeps other accounts' flow logs from using the role
// (https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html).
func trustOwnFlowLogs() template.Policy {
	trust := template.TrustService("vpc-flow-logs.amazonaws.com")
	trust.Statement[0].Condition = map[string]any{"StringEquals": map[string]string{"aws:SourceAccount": template.Pseudo("AWS::AccountId")}}
	return trust
}

func (b *builder) addLogKey() {
	b.logKey = b.Add("LogKey", "Encrypts the site's logs, which name users and their addresses", &kms.Key{
		Description:       new("Encrypts the logs of " + b.env.Site),
		EnableKeyRotation: new(true),
		KeyPolicy: template.PolicyOf(
			template.Statement{
				Sid: "AccountDecides", Effect: "Allow",
				Principal: map[string]string{"AWS": template.Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
				Action:    "kms:*", Resource: "*",
			},
			template.Statement{
				Sid: "LogsOfThisAccount", Effect: "Allow",
				Principal: map[string]string{"Service": fmt.Sprintf("logs.%s.amazonaws.com", b.env.Region)},
				Action:    []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"}, Resource: "*",
				Condition: map[string]any{"ArnLike": map[string]string{
					"kms:EncryptionContext:aws:logs:arn": template.Sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"),
				}},
			},
		),
	}).RetainExceptOnCreate()
}
