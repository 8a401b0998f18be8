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
	Stabilize          Code = "stabilize"
	Internal           Code = "internal"
	Cancelled          Code = "cancelled"
)

// Known is a cause that this program has met: how to recognize it in a resource's own words, and what to do about it. In its advice
// {environment}, {site}, {region}, {resource} and {physical} stand for what the failure was about.
type Known struct {
	Code    Code
	Type    string         // beginning of the resource types that it is about; "" for all
	Reason  *regexp.Regexp // in the reason, without regard to case
	Meaning string
	Advice  string
}

// Table is what is known, the particular before the general: the first that fits counts. The words are those of AWS's services as
// CloudFormation hands them on; known_test.go has a real message for each.
var Table = []Known{
	{CertificatePending, "AWS::CertificateManager::", word(`stabiliz|timed? ?out|validation|PENDING`),
		"the certificate was not validated in time: its DNS record is missing, or in another zone than the public one",
		"create the CNAME record that aws acm describe-certificate --region {region} names in the domain's public zone, then deploy up {environment} again"},
	{CertificatePending, "AWS::ElasticLoadBalancing", word(`certificate .*(not (found|valid|been issued)|pending)|UnsupportedCertificate|CertificateNotFound`),
		"the load balancer's certificate is not issued, or is in another region",
		"look at its status with aws acm list-certificates --region {region}; only an ISSUED one of this region serves"},
	{SignalTimeout, "", word(`received \d+ SUCCESS signal|failed to receive \d+ resource signal|received \d+ FAILURE signal|signal.*(duration|timeout)`),
		"the nodes did not say in time that they are ready: one of their boot steps failed or hung",
		"read the nodes' own words with deploy logs {environment}, and an instance's last lines with aws ec2 get-console-output --latest --output text --region {region} --instance-id INSTANCE"},
	{DeletionProtection, "", word(`deletion ?protection|cannot delete protected|DeletionProtection|termination protection`),
		"deletion protection is on, and nothing lifts it silently",
		"if it is really to go: take the protection off in the environment file, deploy that, and try again"},
	{ExportInUse, "", word(`export \S+ (cannot be|can't be) (deleted|updated|removed)|cannot delete export|as it is in use by`),
		"another stack imports this value, and CloudFormation holds it until nobody does",
		"do it in two steps: first deploy without the import in the stack that uses it, then take away or change the export"},
	{ExportTaken, "", word(`export with name \S+ is already exported`),
		"another stack of this account and region already gives away a value of that name",
		"give the site another name, or delete the stack that is named"},
	{ExportMissing, "", word(`no export named`),
		"the stack that should give this value away is not there, or no longer gives it",
		"see what there is with deploy outputs {environment}, generate the folder again (make templates) and deploy up {environment}"},
	{KMS, "", word(`KMS|AccessDeniedException.*key|key .*(disabled|pending deletion|not (exist|found|accessible|usable))|InvalidKeyId|KeyUnavailable`),
		"the encryption key can't be used: it is disabled, on its way to deletion, or its policy does not let the service in",
		"look at it with aws kms describe-key --region {region} --key-id KEY; cancel its deletion, enable it, or correct its policy"},
	{LogBucket, "AWS::ElasticLoadBalancingV2::", word(`access denied for bucket`),
		"the load balancer may not write its access logs into the bucket: the bucket's policy, its encryption or its region does not let it",
		"see what forbids it with aws s3api get-bucket-policy --region {region} --bucket BUCKET; the bucket and its policy come from the generated template, so generate again (make templates) and deploy up {environment}"},
	{Permission, "", word(`not authorized to perform|AccessDenied|UnauthorizedOperation|is not authorized|Access ?Denied|permission to access`),
		"whoever deploys lacks a permission that the reason names",
		"have that action allowed to the role that runs deploy (a boundary or an organization's policy may forbid it as well), then deploy up {environment} again"},
	{Quota, "", word(`LimitExceeded|limit .*(exceeded|reached)|quota|maximum number of|too many .* (exist|in use)|VcpuLimit|more vCPU capacity|AddressLimit|has been reached`),
		"a quota of the account is used up",
		"free what is not used or have the quota raised (aws service-quotas list-service-quotas --region {region} --service-code CODE), then deploy up {environment} again"},
	{Capacity, "", word(`InsufficientInstanceCapacity|insufficient (capacity|.*capacity)|do not have sufficient`),
		"AWS has no machine of that type left in that zone at the moment",
		"try again later, or name a second instance type in the environment file"},
	{EngineVersion, "AWS::RDS::", word(`cannot find version|version .*(not (available|supported|valid)|no longer|deprecated|retired)|InvalidParameterCombination.*engine`),
		"that version of the engine is not offered, or no longer",
		"choose one of aws rds describe-db-engine-versions --region {region} --engine ENGINE in the environment file and generate again"},
	{AMIArchitecture, "", word(`architecture.*(does not match|not (supported|compatible)|is not valid)|incompatible.*architecture`),
		"the image and the instance type are of different architectures (arm64 and x86_64)",
		"choose both of one architecture in the environment file and generate again"},
	{AMIMissing, "", word(`InvalidAMIID|image id .*(does not exist|not exist)|AMI .*not (found|exist|available)`),
		"the machine image is not there: it was withdrawn, or is of another region",
		"generate again with a current image (make templates), review and deploy up {environment}"},
	{InstanceType, "", word(`(instance type|instance class|InstanceType).*(not (supported|available|valid|offered)|invalid)|Unsupported.*instance`),
		"that instance type is not offered in this region or zone",
		"see aws ec2 describe-instance-type-offerings --region {region} and choose another in the environment file"},
	{NameTaken, "", word(`already exist|AlreadyExists|already owned|name .*(taken|in use)|ResourceExistsException|BucketAlready|EntityAlready`),
		"something of that name exists already, made by hand or left behind by an earlier deployment",
		"look at what it is; if it holds nothing of worth delete it, else give the site another name, then deploy up {environment} again"},
	{Dependency, "", word(`DependencyViolation|has (a )?dependen|is (still )?in use|currently in use|has non-?zero|in-use|being used by|has mount targets|is not empty|mapped public address`),
		"something else still uses it, often made outside of these stacks",
		"find what uses {physical} and take that away, then try again"},
	{SubnetZone, "", word(`availability zone.*(coverage|not (supported|valid|available))|subnets? .*(at least two|same availability)`),
		"the subnets do not lie in zones that this service takes",
		"choose other zones in the environment file and generate again"},
	{CidrConflict, "", word(`InvalidSubnet\.(Conflict|Range)|CIDR .*(conflict|overlap|invalid)|conflicts with another subnet`),
		"the address range overlaps another one, or lies outside of its network",
		"correct the ranges in the environment file and generate again"},
	{Hook, "", word(`hook\(s\)|hook .*(failed|denied|rejected)|AWS::EarlyValidation`),
		"a check of the account (a hook or CloudFormation's own validation) refused it",
		"the detail above says which one and why; correct the environment or talk to whoever keeps the hook"},
	{Expired, "", word(`ExpiredToken|security token .*expired|token .*is expired`),
		"the credentials that CloudFormation was given ran out during the operation",
		"sign in again (aws sso login) and deploy up {environment}; a service role does not run out"},
	{Throttled, "", word(`Throttl|Rate exceeded|RequestLimitExceeded|TooManyRequests`),
		"a service was asked too often at once, by everything in the account together",
		"wait a few minutes and deploy up {environment} again"},
	{Validation, "", word(`Properties validation failed|validation error|InvalidParameter|ValidationException|Invalid request provided|is not valid|invalid value|malformed`),
		"the service does not take a value",
		"correct the property that the reason names in the environment file and generate again"},
	{Stabilize, "", word(`did not stabilize|exceeded attempts to wait|NotStabilized|timed out|timeout`),
		"the service did not come to an end within the time that CloudFormation gives it",
		"look at {physical} in its own console; if it is well by now, deploy up {environment} again"},
	{Internal, "", word(`InternalFailure|Internal ?Error|ServiceUnavailable|InternalServer|service .*unavailable|status code: 5\d\d`),
		"the service itself failed",
		"see https://health.aws.amazon.com/health/status and deploy up {environment} again"},
	{Cancelled, "", word(`user initiated|cancel`),
		"somebody cancelled the operation",
		"deploy up {environment} again when it is wanted"},
}

func word(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?is)` + pattern) }
