package diagnosis

import (
	"strings"
	"testing"

	"distributed-moodle/internal/cfn/events"
)

// messages are what services say, in the form in which CloudFormation hands it on.
var messages = []struct {
	code                   Code
	kind, property, reason string
}{
	{"certificate-pending", "AWS::CertificateManager::Certificate", "", "Resource timed out waiting for completion: certificate is PENDING_VALIDATION"},
	{"certificate-pending", "AWS::ElasticLoadBalancingV2::Listener", "", `Resource handler returned message: "The certificate 'arn:aws:acm:eu-central-1:123456789012:certificate/1' must have a fully-qualified domain name, a supported signature, and a supported key size. (Service: ElasticLoadBalancingV2, Status Code: 400, Error: UnsupportedCertificate)"`},
	{"signal-timeout", "AWS::AutoScaling::AutoScalingGroup", "", "Received 0 SUCCESS signal(s) out of 2.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement"},
	{"signal-timeout", "AWS::AutoScaling::AutoScalingGroup", "", "Failed to receive 1 resource signal(s) within the specified duration"},
	{"deletion-protection", "AWS::RDS::DBCluster", "", `Resource handler returned message: "Cannot delete protected Cluster, please disable deletion protection and try again. (Service: Rds, Status Code: 400)"`},
	{"export-in-use", "AWS::CloudFormation::Stack", "", "Export site-network-VpcId cannot be updated as it is in use by site-Data-1"},
	{"export-in-use", "AWS::CloudFormation::Stack", "", "Delete canceled. Cannot delete export site-network-VpcId as it is in use by a and b."},
	{"export-taken", "AWS::CloudFormation::Stack", "", "Export with name site-network-VpcId is already exported by stack other. Rollback requested by user."},
	{"export-missing", "AWS::CloudFormation::Stack", "", "No export named site-data-Host found. Rollback requested by user."},
	{"kms", "AWS::EFS::FileSystem", "", `Resource handler returned message: "KMS key is disabled (Service: Efs, Status Code: 400)"`},
	{"log-bucket", "AWS::ElasticLoadBalancingV2::LoadBalancer", "", `Resource handler returned message: "Access Denied for bucket: site-logs. Please check S3bucket permission (Service: ElasticLoadBalancingV2, Status Code: 400, Error: InvalidConfigurationRequest)"`},
	{"permission", "AWS::EC2::VPC", "", "API: ec2:CreateVpc You are not authorized to perform this operation. User: arn:aws:sts::123456789012:assumed-role/ci/1 is not authorized to perform: ec2:CreateVpc"},
	{"permission", "AWS::IAM::Role", "", `Resource handler returned message: "Access denied (Service: Iam, Status Code: 403, HandlerErrorCode: AccessDenied)"`},
	{"quota", "AWS::EC2::VPC", "", `Resource handler returned message: "The maximum number of VPCs has been reached. (Service: Ec2, Status Code: 400, VpcLimitExceeded)"`},
	{"quota", "AWS::EC2::EIP", "", `Resource handler returned message: "The maximum number of addresses has been reached. (Service: Ec2, Status Code: 400)"`},
	{"quota", "AWS::AutoScaling::AutoScalingGroup", "", "You have requested more vCPU capacity than your current vCPU limit of 16 allows for the instance bucket that the specified instance type belongs to."},
	{"capacity", "AWS::AutoScaling::AutoScalingGroup", "", "We currently do not have sufficient t4g.large capacity in the Availability Zone you requested (eu-central-1a)."},
	{"engine-version", "AWS::RDS::DBCluster", "", `Resource handler returned message: "Cannot find version 16.6 for aurora-postgresql (Service: Rds, Status Code: 400)"`},
	{"ami-architecture", "AWS::AutoScaling::AutoScalingGroup", "", "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the specified AMI. (architecture does not match)"},
	{"ami-missing", "AWS::EC2::LaunchTemplate", "", "The image id '[ami-0123456789abcdef0]' does not exist (Service: Ec2, Status Code: 400, InvalidAMIID.NotFound)"},
	{"instance-type", "AWS::RDS::DBInstance", "", "The requested instance class db.r5.large is not available in this region: instance class not supported"},
	{"name-taken", "AWS::S3::Bucket", "", "moodle-files already exists"},
	{"name-taken", "AWS::RDS::DBSubnetGroup", "", `Resource handler returned message: "DB subnet group 'site' already exists. (Service: Rds, Status Code: 400, HandlerErrorCode: AlreadyExists)"`},
	{"dependency", "AWS::EC2::Subnet", "", "The subnet 'subnet-0a' has dependencies and cannot be deleted. (Service: Ec2, Status Code: 400, DependencyViolation)"},
	{"dependency", "AWS::EC2::VPCGatewayAttachment", "", "Network vpc-0a has some mapped public address(es). Please unmap those public address(es) before detaching the gateway. (Service: AmazonEC2; Status Code: 400; Error Code: DependencyViolation)"},
	{"dependency", "AWS::IAM::Role", "", `Resource handler returned message: "Cannot delete entity, must detach all policies first. (Service: Iam, Status Code: 409, HandlerErrorCode: ResourceConflict)"`},
	{"dependency", "AWS::Backup::BackupVault", "", "Backup vault cannot be deleted because it contains recovery points. (Service: Backup, Status Code: 400)"},
	{"dependency", "AWS::RDS::DBCluster", "", "Cluster cannot be deleted, it still contains DB instances in non-deleting state. (Service: Rds, Status Code: 400)"},
	{"dependency", "AWS::RDS::DBSubnetGroup", "", "Cannot delete the subnet group 'site' because at least one database instance: writer is still using it. (Service: Rds, Status Code: 400)"},
	{"dependency", "AWS::ElasticLoadBalancingV2::TargetGroup", "", "Target group 'arn' is currently in use by a listener or a rule (Service: ElasticLoadBalancingV2, Status Code: 400)"},
	{"subnet-zone", "AWS::EC2::Subnet", "availabilityZone", "Value (eu-central-1f) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: eu-central-1a, eu-central-1b. (Service: Ec2, Status Code: 400)"},
	{"instance-type", "AWS::AutoScaling::AutoScalingGroup", "", "You must use a valid fully-formed launch template. Invalid value 't9.small' for InstanceType. (Service: AutoScaling, Status Code: 400)"},
	{"instance-type", "AWS::AutoScaling::AutoScalingGroup", "", "You must use a valid fully-formed launch template. Your requested instance type (m7g.large) is not supported in your requested Availability Zone (eu-central-1a)."},
	{"name-taken", "AWS::IAM::Role", "", "node already exists in stack arn:aws:cloudformation:eu-central-1:123456789012:stack/other/1"},
	{"dependency", "AWS::S3::Bucket", "", "The bucket you tried to delete is not empty (Service: S3, Status Code: 409)"},
	{"subnet-zone", "AWS::RDS::DBSubnetGroup", "", "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current availability zone coverage: eu-central-1a."},
	{"subnet-zone", "AWS::EC2::Subnet", "availabilityZone", "Value (us-west-1c) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: us-west-1a, us-west-1b. (Service: Ec2, Status Code: 400, Error Code: InvalidParameterValue)"},
	{"record-exists", "AWS::Route53::RecordSet", "", "[Tried to create resource record set [name='moodle.example.edu.', type='A'] but it already exists]"},
	{"record-exists", "AWS::Route53::RecordSet", "", "[RRSet of type A with DNS name moodle.example.edu. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone example.edu.]"},
	{"schedule-past", "AWS::AutoScaling::ScheduledAction", "", "Given start time is in the past (Service: AutoScaling, Status Code: 400, Error Code: ValidationError)"},
	{"cidr-conflict", "AWS::EC2::Subnet", "", "The CIDR '10.0.1.0/24' conflicts with another subnet (Service: Ec2, Status Code: 400, InvalidSubnet.Conflict)"},
	{"hook", "AWS::S3::Bucket", "", "The following hook(s) failed: [Acme::S3::Encryption]"},
	{"expired", "AWS::EC2::Instance", "", "The security token included in the request is expired (ExpiredToken)"},
	{"throttled", "AWS::Logs::LogGroup", "", "Rate exceeded (Service: CloudWatchLogs, Status Code: 400)"},
	{"validation", "AWS::RDS::DBCluster", "BackupRetentionPeriod", "Properties validation failed for resource Database with message: [#/BackupRetentionPeriod: 40 is not less or equal to 35]"},
	{"validation", "AWS::EC2::Instance", "subnetId", "Value () for parameter subnetId is invalid. Invalid request provided"},
	{"stabilize", "AWS::ElastiCache::ServerlessCache", "", "Resource did not stabilize."},
	{"internal", "AWS::Lambda::Function", "", "Internal Failure (InternalFailure)"},
	{"cancelled", "AWS::CloudFormation::Stack", "", "User Initiated"},
	{"", "AWS::SSM::Parameter", "", "nobody has seen this before"},
}

func TestTable(t *testing.T) {
	met := map[Code]bool{}
	place := Place{Environment: "prod", Site: "moodle-prod", Region: "eu-central-1"}
	for _, m := range messages {
		d := Explain(events.Event{Type: m.kind, LogicalID: "Thing", Reason: m.reason}, nil, place)
		if d.Code != m.code || d.Property != m.property {
			t.Errorf("%q\n got %q, property %q\nwant %q, property %q", m.reason, d.Code, d.Property, m.code, m.property)
		}
		if (d.Code == "") != (d.Advice == "") || strings.Contains(d.Advice, "{") {
			t.Errorf("%s: advice %q", d.Code, d.Advice)
		}
		met[d.Code] = true
	}
	for _, k := range Table {
		if !met[k.Code] {
			t.Errorf("%s: no message shows it", k.Code)
		}
	}
}

func TestADetailNamesTheProperty(t *testing.T) {
	d := Explain(events.Event{Type: "AWS::S3::Bucket", Reason: "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]."},
		[]events.Detail{{LogicalID: "Files", Path: "/Resources/Files/Properties/BucketName", Reason: "expected type: String"}}, Place{})
	if d.Code != "hook" || d.Property != "BucketName" {
		t.Errorf("got %q, %q", d.Code, d.Property)
	}
}
