package diagnosis

import "regexp"

// Code is the short name of a cause. It is stable: other programs may act by it.
type Code string

// The causes that are known.
const (
	CertificatePending Code = "certificate-pending"
	SignalTimeout      Code = "signal-timeout"
	DeletionProtection Code = "deletion-protection"
	ExportInUse        Code = "export-in-use"
	ExportTaken        Code = "export-taken"
	ExportMissing      Code = "export-missing"
	KMS                Code = "kms"
	LogBucket          Code = "log-bucket"
	Permission         Code = "permission"
	Quota              Code = "quota"
	Capacity           Code = "capacity"
	EngineVersion      Code = "engine-version"
	AMIArchitecture    Code = "ami-architecture"
	AMIMissing         Code = "ami-missing"
	InstanceType       Code = "instance-type"
	NameTaken          Code = "name-taken"
	Dependency         Code = "dependency"
	SubnetZone         Code = "subnet-zone"
	CidrConflict       Code = "cidr-conflict"
	Hook               Code = "hook"
	Expired            Code = "expired"
	Throttled          Code = "throttled"
	Validation         Code = "validation"
	RecordExists       Code = "record-exists"
	SchedulePast       Code = "schedule-past"
	Stabilize          Code = "stabilize"
	Internal           Code = "internal"
	Cancelled          Code = "cancelled"
)

// Known is a cause that this program has met: how to recognize it in a resource's own words, and what to do about it.
// In its advice {environment}, {site}, {region}, {resource} and {physical} stand for what the failure was about.
type Known struct {
	Code    Code
	Type    string         // beginning of the resource types that it is about; "" for all
	Reason  *regexp.Regexp // in the reason, without regard to case
	Meaning string
	Advice  string
}

// Table is what is known, the particular before the general: the first that fits counts. The words are those of AWS's
// services as CloudFormation hands them on; known_test.go has a real message for each.
var Table = []Known{
	{CertificatePending, "AWS::CertificateManager::", word(`stabiliz|timed? ?out|validation|PENDING`),
		"the certificate was not validated in time: its DNS record is missing, or not in the public hosted zone",
		"create the CNAME record that aws acm describe-certificate --region {region} names in the domain's public zone, then deploy up {environment} again"},
	{
		CertificatePending,
		"AWS::ElasticLoadBalancing",
		word(`certificate .*(not (found|valid|been issued)|pending)|UnsupportedCertificate|CertificateNotFound`),
		"the load balancer's certificate is not issued, or is in another region",
		"check its status with aws acm list-certificates --region {region}; it must be ISSUED and in this region",
	},
	{
		SignalTimeout,
		"",
		word(
			`received \d+ SUCCESS signal|failed to receive \d+ resource signal|received \d+ FAILURE signal|signal.*(duration|timeout)`,
		),
		"the nodes did not signal in time that they are ready: one of their boot steps failed or did not end",
		"read the nodes' logs with deploy logs {environment}, and an instance's console output with aws ec2 get-console-output --latest --output text --region {region} --instance-id INSTANCE",
	},
	{
		DeletionProtection,
		"",
		word(`deletion ?protection|cannot delete protected|DeletionProtection|termination protection`),
		"deletion protection is on, and deploy never turns it off by itself",
		"if it is really to be deleted: set production to false in the environment file, run deploy up {environment}, and try again",
	},
	{
		ExportInUse,
		"",
		word(`export \S+ (cannot be|can't be) (deleted|updated|removed)|cannot delete export|as it is in use by`),
		"another stack imports this value, and CloudFormation keeps it while any stack does",
		"take the change back in the environment file, generate and deploy up {environment}: it cannot be made on a deployed site yet; the way to it is a new site",
	},
	{ExportTaken, "", word(`export with name \S+ is already exported`),
		"another stack of this account and region already exports a value of that name",
		"give the site another name (site in the environment file), or delete the stack that is named"},
	{ExportMissing, "", word(`no export named`),
		"the stack that should export this value does not exist, or no longer exports it",
		"list the exports with deploy outputs {environment}, {regenerate} and deploy up {environment}"},
	{
		KMS,
		"",
		word(
			`KMS|AccessDeniedException.*key|key .*(disabled|pending deletion|not (exist|found|accessible|usable))|InvalidKeyId|KeyUnavailable`,
		),
		"the encryption key can't be used: it is disabled, scheduled for deletion, or its policy does not allow the service",
		"look at it with aws kms describe-key --region {region} --key-id KEY; cancel its deletion, enable it, or correct its policy",
	},
	{LogBucket, "AWS::ElasticLoadBalancingV2::", word(`access denied for bucket`),
		"the load balancer may not write its access logs into the bucket: the bucket's policy, its encryption or its region does not allow it",
		"see what denies it with aws s3api get-bucket-policy --region {region} --bucket BUCKET; the bucket and its policy come from the generated template, so {regenerate} and deploy up {environment}"},
	{
		Permission,
		"",
		word(
			`not authorized to perform|AccessDenied|UnauthorizedOperation|is not authorized|Access ?Denied|permission to access`,
		),
		"your credentials lack a permission, which the reason names",
		"allow that action for the role that runs deploy (a permissions boundary or an organization's policy may deny it too), then deploy up {environment} again",
	},
	{
		Quota,
		"",
		word(
			`LimitExceeded|limit .*(exceeded|reached)|quota|maximum number of|too many .* (exist|in use)|VcpuLimit|more vCPU capacity|AddressLimit|has been reached`,
		),
		"a quota of the account is used up",
		"delete what is not used, or request a higher quota (aws service-quotas list-service-quotas --region {region} --service-code CODE), then deploy up {environment} again",
	},
	{Capacity, "", word(`InsufficientInstanceCapacity|insufficient (capacity|.*capacity)|do not have sufficient`),
		"AWS currently has no free capacity of that instance type in that zone",
		"try again later, or add an instance type to application.instanceTypes in the environment file"},
	{
		EngineVersion,
		"AWS::RDS::",
		word(
			`cannot find version|version .*(not (available|supported|valid)|no longer|deprecated|retired)|InvalidParameterCombination.*engine`,
		),
		"that version of the engine is not available, or no longer",
		"choose one of aws rds describe-db-engine-versions --region {region} --engine ENGINE as database.version in the environment file and generate again",
	},
	{
		AMIArchitecture,
		"",
		word(`architecture.*(does not match|not (supported|compatible)|is not valid)|incompatible.*architecture`),
		"the image and the instance type are of different architectures (arm64 and x86_64)",
		"choose application.ami and application.instanceTypes of the same architecture in the environment file and generate again",
	},
	{AMIMissing, "", word(`InvalidAMIID|image id .*(does not exist|not exist)|AMI .*not (found|exist|available)`),
		"the machine image does not exist: it was withdrawn, or is in another region",
		"set application.ami in the environment file to a current image, {regenerate}, review and deploy up {environment}"},
	{
		InstanceType,
		"",
		word(
			`(instance type|instance class|InstanceType).*(not (supported|available|valid|offered)|invalid)|Unsupported.*instance|invalid value \S+ for InstanceType`,
		),
		"that instance type is not offered in this region or zone",
		"see aws ec2 describe-instance-type-offerings --region {region} --location-type availability-zone and change application.instanceTypes in the environment file",
	},
	{RecordExists, "AWS::Route53::", word(`already exists|conflicting RRSet`),
		"the hosted zone has a record of that name already, and CloudFormation does not take over a record that it did not make",
		"set domain.record to none in the environment file and generate again, or delete the record (aws route53 list-resource-record-sets shows it), then deploy up {environment} again"},
	{SchedulePast, "AWS::AutoScaling::ScheduledAction", word(`time .*(is|in) .*past`),
		"a planned size begins in the past",
		"remove it from application.schedules in the environment file, or give it a later start, and generate again"},
	{
		NameTaken,
		"",
		word(
			`already exist|AlreadyExists|already owned|name .*(taken|in use)|ResourceExistsException|BucketAlready|EntityAlready`,
		),
		"a resource of that name already exists, made by hand or left behind by an earlier deployment",
		"find out what it is; if nobody needs it delete it, otherwise give the site another name (site in the environment file), then deploy up {environment} again",
	},
	{
		Dependency,
		"",
		word(
			`DependencyViolation|has (a )?dependen|is (still )?in use|currently in use|has non-?zero|in-use|being used by|has mount targets|is not empty|mapped public address|must (detach|delete|remove) |deleted because it contains|still contains|still using it|still members of`,
		),
		"another resource still uses it, often one outside these stacks",
		"find what uses {physical} (a network: aws ec2 describe-network-interfaces --region {region}) and remove it, then try again",
	},
	{
		SubnetZone,
		"",
		word(
			`availability ?zone.*(coverage|not (supported|valid|available)|is invalid)|invalid availability zone|subnets? .*(at least two|same availability)|subnets can currently only be created`,
		),
		"the subnets are not in zones that this service accepts, or this account has no such zone",
		"change network.zones in the environment file to zones that aws ec2 describe-availability-zones --region {region} lists, and generate again",
	},
	{
		CidrConflict,
		"",
		word(`InvalidSubnet\.(Conflict|Range)|CIDR .*(conflict|overlap|invalid)|conflicts with another subnet`),
		"the address range overlaps another one, or is outside its network",
		"correct network.cidr in the environment file and generate again",
	},
	{Hook, "", word(`hook\(s\)|hook .*(failed|denied|rejected)|AWS::EarlyValidation`),
		"a check of the account (a hook or CloudFormation's own validation) refused it",
		"the detail above says which one and why; correct it, or ask the owner of the hook, then deploy up {environment} again"},
	{Expired, "", word(`ExpiredToken|security token .*expired|token .*is expired`),
		"the credentials that CloudFormation uses expired during the operation",
		"sign in again (aws sso login) and deploy up {environment}; a service role does not expire"},
	{Throttled, "", word(`Throttl|Rate exceeded|RequestLimitExceeded|TooManyRequests`),
		"a service received too many requests from this account at once",
		"wait a few minutes and deploy up {environment} again"},
	{
		Validation,
		"",
		word(
			`Properties validation failed|validation error|InvalidParameter|ValidationException|Invalid request provided|is not valid|invalid value|malformed`,
		),
		"the service does not accept a value",
		"correct the key of the environment file that the value comes from, generate and deploy up {environment} again",
	},
	{Stabilize, "", word(`did not stabilize|exceeded attempts to wait|NotStabilized|timed out|timeout`),
		"the service did not finish within the time that CloudFormation allows",
		"look at {physical} in the AWS console; if it is available by now, deploy up {environment} again"},
	{
		Internal,
		"",
		word(
			`InternalFailure|Internal ?Error|ServiceUnavailable|InternalServer|service .*unavailable|status code: 5\d\d`,
		),
		"the service itself failed",
		"see https://health.aws.amazon.com/health/status and deploy up {environment} again",
	},
	{Cancelled, "", word(`user initiated|cancel`),
		"somebody cancelled the operation",
		"deploy up {environment} again when you want to continue"},
}

func word(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?is)` + pattern) }
