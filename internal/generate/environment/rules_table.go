package environment

// fullName is the pattern of a host name of two labels or more, of which each has 63 characters at most.
const fullName = `([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]`

// octet is the pattern of a number of an IPv4 address.
const octet = `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`

// tagSigns are the signs of a tag beside the space: letters and digits of any language, as in the pattern of Amazon EFS
// (https://docs.aws.amazon.com/efs/latest/ug/API_Tag.html), which allows as little as any service.
const tagSigns = `\p{L}\p{N}+\-=._:/@`

const sourceSays = "an https address, or a path relative to the environment file"

// Forms that several keys share.
var (
	anyText = rule{
		minimum: 1,
		maximum: 254,
		pattern: `^[^\x00-\x1f\x7f-\x9f]+$`,
		says:    "one line of 1 to 254 characters",
	}
	mailbox = rule{
		minimum: 3, maximum: 254,
		pattern: `^[A-Za-z0-9][A-Za-z0-9_+-]*(\.[A-Za-z0-9_+-]+)*@` + fullName + `$`,
		says:    "one mail address, e.g. moodle@example.edu",
	}
	hostname = rule{
		minimum: 4, maximum: 253,
		pattern: `^(` + fullName + `|(` + octet + `\.){3}` + octet + `)$`,
		says:    "a full host name in lower case without a dot at its end, e.g. smtp.example.edu",
	}
	// The pattern of ACM (RequestCertificate) requires at least two characters in the last label. One that starts with
	// a digit is not a domain of the internet, but the end of an address, and no certificate is issued for an address.
	domainName = rule{
		minimum: 4, maximum: 253, pattern: `^` + fullName + `$`,
		says: "a full host name in lower case without https:// and without a dot at its end, e.g. moodle.example.edu",
	}
	source = rule{minimum: 1, maximum: 1024, pattern: `^[A-Za-z0-9._~:/?&=%+,@#-]+$`, says: sourceSays}
	digest = rule{
		minimum: 64,
		maximum: 64,
		pattern: `^[0-9a-f]{64}$`,
		says:    "64 hexadecimal digits in lower case, as sha256sum prints them",
	}
	truthful = rule{}
	nodes    = rule{maximum: 200}
	zoneName = rule{
		minimum: 1,
		maximum: 40,
		pattern: `^[a-z]+(-[a-z]+)+-[0-9][a-z]$`,
		says:    "the name of an availability zone, e.g. eu-central-1a",
	}
	timeZone   = rule{minimum: 1, maximum: 64}
	weeklyTime = rule{
		minimum: 19, maximum: 19, pattern: weeklyWindow,
		says: "a time of the week in UTC, e.g. sun:01:00-sun:02:00",
	}
)

// days are the ages that EFS can move a file at (API_LifecyclePolicy of Amazon EFS); 0 is never.
var days = []any{0, 1, 7, 14, 30, 60, 90, 180, 270, 365}

// retention are the days that CloudWatch Logs can keep a group (PutRetentionPolicy of Amazon CloudWatch Logs).
var retention = []any{
	1,
	3,
	5,
	7,
	14,
	30,
	60,
	90,
	120,
	150,
	180,
	365,
	400,
	545,
	731,
	1096,
	1827,
	2192,
	2557,
	2922,
	3288,
	3653,
}

// endpoints are the services that offer an interface endpoint of use to a node (decision 13).
var endpoints = []any{
	"ssm",
	"ssmmessages",
	"ec2messages",
	"secretsmanager",
	"logs",
	"kms",
	"elasticfilesystem",
	"cloudformation",
	"autoscaling",
	"monitoring",
}

// rules are by kind of key: [] is an item of a list, .* a value of a table. Every key that holds a value is in it.
var rules = map[string]rule{
	"site": {
		minimum: 2,
		maximum: 25,
		pattern: `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`,
		says:    "2 to 25 lower-case letters, digits and single hyphens, a letter first, no hyphen last",
	},
	"region": {
		minimum: 8,
		maximum: 20,
		pattern: `^[a-z]{2,4}(-[a-z]+)+-[0-9]$`,
		says:    "the name of an AWS region, e.g. eu-central-1",
	},
	"account":    {minimum: 12, maximum: 12, pattern: `^[0-9]{12}$`, says: "12 digits in quotes"},
	"production": truthful,
	"tags":       {maximum: 40},
	"tags.*": {
		minimum: 1,
		maximum: 256,
		pattern: `^[` + tagSigns + `]([ ` + tagSigns + `]*[` + tagSigns + `])?$`,
		says:    "1 to 256 letters, digits, spaces and + - = . _ : / @, without a space at either end",
	},
	"accept": {maximum: 20},
	"accept.*": {
		minimum: 1,
		maximum: 500,
		pattern: `^ *[^ \x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$`,
		says:    "a reason of 1 to 500 characters",
	},

	"domain.name": domainName,
	"domain.zone": {
		minimum: 8,
		maximum: 32,
		pattern: `^Z[A-Z0-9]+$`,
		says:    "the id of a hosted zone, e.g. Z0123456789ABCDEFGHIJ",
	},
	"domain.record": {oneOf: []any{"alias", "none"}},
	"domain.certificate": {
		minimum: 20,
		maximum: 200,
		pattern: `^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$`,
		says:    "the ARN of a certificate, e.g. arn:aws:acm:eu-central-1:111122223333:certificate/…",
	},
	"access.from":   {minimum: 1, maximum: 25},
	"access.from[]": {minimum: 1, maximum: 50},

	"network.cidr":        {minimum: 1, maximum: 50, standard: "10.20.0.0/20"},
	"network.zones":       {minimum: 2, maximum: 3},
	"network.zones[]":     zoneName,
	"network.nat":         {oneOf: []any{"perZone", "single"}, standard: "single", production: "perZone"},
	"network.endpoints":   {maximum: 10},
	"network.endpoints[]": {oneOf: endpoints},
	"network.flowLogDays": {oneOf: retention, standard: 30},
	"network.ip":          {oneOf: []any{"dualStack", "ipv4"}, standard: "dualStack"},

	"filesystem.type":                 {oneOf: []any{"regional", "oneZone"}, standard: "regional"},
	"filesystem.zone":                 zoneName,
	"filesystem.throughput":           {oneOf: []any{"elastic", "bursting"}, standard: "elastic"},
	"filesystem.infrequentAccessDays": {oneOf: days, standard: 30},
	"filesystem.archiveDays":          {oneOf: days},
	"filesystem.backup":               {standard: true},

	// 17.11 is the newest 17 that cfn-lint 1.58.0 knows and does not call deprecated.
	"database.version": {
		minimum:  4,
		maximum:  5,
		pattern:  `^1[0-9]\.[0-9]{1,2}$`,
		says:     "a version of Aurora PostgreSQL in quotes, e.g. \"17.11\"",
		standard: "17.11",
	},
	"database.capacity.minimum": {maximum: 256, step: 0.5, standard: 0.5},
	"database.capacity.maximum": {minimum: 1, maximum: 256, step: 0.5, standard: 4.0, production: 16.0},
	"database.autoPauseSeconds": {maximum: 86400},
	"database.readers":          {maximum: 2, standard: 0, production: 1},
	"database.backupDays":       {minimum: 1, maximum: 35, standard: 7, production: 14},
	"database.backupWindow": {
		minimum: 11, maximum: 11, pattern: dailyWindow,
		says: "a time of the day in UTC in quotes, e.g. \"00:00-01:00\"",
	},
	"database.logDays":           {oneOf: retention, standard: 30},
	"database.maintenanceWindow": weeklyTime,
	"database.minorUpgrades":     {standard: true},
	// CreateDBClusterSnapshot of Amazon RDS takes 63 characters; rds: and awsbackup: begin the names that AWS gives
	// itself.
	"database.snapshot": {
		minimum: 20,
		maximum: 400,
		pattern: `^arn:aws:rds:[a-z0-9-]+:[0-9]{12}:cluster-snapshot:([a-z]+:)?[A-Za-z](-?[A-Za-z0-9])*$`,
		says:    "the ARN of a cluster snapshot, e.g. arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:before-exam",
	},

	"cache.type": {oneOf: []any{"none", "valkey"}, standard: "none", production: "valkey"},
	"cache.nodeType": {
		minimum: 9,
		maximum: 40,
		pattern: `^cache\.[a-z][a-z0-9]*\.[a-z0-9]+$`,
		says:    "an ElastiCache node type, e.g. cache.t4g.small",
	},
	"cache.maintenanceWindow": weeklyTime,
	"cache.minorUpgrades":     {standard: true},
	"cache.replicas":          {maximum: 5},

	"application.architecture": {oneOf: []any{"arm64", "amd64"}, standard: "arm64"},
	"application.ami": {
		minimum:  6,
		maximum:  21,
		pattern:  `^(latest|ami-[0-9a-f]{8}([0-9a-f]{9})?)$`,
		says:     "latest, or the id of an image, e.g. ami-0123456789abcdef0",
		standard: "latest",
	},
	"application.instanceTypes": {minimum: 1, maximum: 40},
	"application.instanceTypes[]": {
		minimum: 4,
		maximum: 40,
		pattern: `^[a-z][a-z0-9-]*\.[a-z0-9-]+$`,
		says:    "an EC2 instance type, e.g. t4g.medium",
	},
	"application.volumeGiB":                   {minimum: 10, maximum: 1000, standard: 20},
	"application.capacity.minimum":            {maximum: 200, standard: 1, production: 2},
	"application.capacity.maximum":            {minimum: 1, maximum: 200, standard: 2, production: 6},
	"application.targetCPU":                   {minimum: 10, maximum: 90, standard: 50},
	"application.targetRequests":              {maximum: 1000000},
	"application.deregistrationSeconds":       {maximum: 3600, standard: 120},
	"application.logDays":                     {oneOf: retention, standard: 30},
	"application.longestRequestSeconds":       {minimum: 300, maximum: 3600, standard: 600},
	"application.maximumInstanceLifetimeDays": {maximum: 365, standard: 0},
	"application.schedules":                   {maximum: 50},
	"application.schedules[].name": {
		minimum: 1,
		maximum: 64,
		pattern: `^[A-Za-z][A-Za-z0-9]*$`,
		says:    "1 to 64 letters and digits, a letter first, e.g. ExamWeekStart",
	},
	"application.schedules[].start": {
		minimum: 20,
		maximum: 20,
		pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$`,
		says:    "a time in UTC in quotes, e.g. \"2027-02-01T05:00:00Z\"",
	},
	"application.schedules[].recurrence": {minimum: 1, maximum: 255},
	"application.schedules[].timeZone":   timeZone,
	"application.schedules[].minimum":    nodes,
	"application.schedules[].maximum":    nodes,

	"moodle.version": {
		minimum: 3,
		maximum: 8,
		pattern: `^[0-9]\.[0-9]{1,2}(\.[0-9]{1,2})?$`,
		says:    "a release in quotes, e.g. \"5.3\" or \"5.1.7\"",
	},
	"moodle.archive.url":      source,
	"moodle.archive.sha256":   digest,
	"moodle.plugins":          {maximum: 200},
	"moodle.plugins[].path":   {minimum: 1, maximum: 100},
	"moodle.plugins[].url":    source,
	"moodle.plugins[].sha256": digest,
	"moodle.languages":        {maximum: 200},
	"moodle.languages[].code": {
		minimum: 2,
		maximum: 30,
		pattern: `^[a-z]{2,3}(_[a-z0-9]+)*$`,
		says:    "Moodle's code of a language, e.g. de or pt_br",
	},
	"moodle.languages[].url":    source,
	"moodle.languages[].sha256": digest,
	"moodle.siteName":           anyText,
	"moodle.shortName":          anyText,
	// The longest address that Moodle stores (the column email of the table user in lib/db/install.xml).
	"moodle.administrator": {
		minimum: 3, maximum: 100, pattern: mailbox.pattern,
		says: "one mail address of at most 100 characters, e.g. moodle@example.edu",
	},
	"moodle.language": {
		minimum:  2,
		maximum:  30,
		pattern:  `^[a-z]{2,3}(_[a-z0-9]+)*$`,
		says:     "Moodle's code of a language, e.g. en or pt_br",
		standard: "en",
	},
	"moodle.timeZone":  {minimum: 1, maximum: 64, standard: "UTC"},
	"moodle.uploadMiB": {minimum: 1, maximum: 2047, standard: 256},
	"moodle.settings":  {maximum: 500},
	"moodle.settings.*": {
		maximum: 4096,
		pattern: `^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$`,
		says:    "up to 4096 characters, no control characters except tabs and line ends",
	},

	"mail.transport": {oneOf: []any{"none", "smtp", "ses"}, standard: "none"},
	"mail.host":      hostname,
	"mail.port":      {minimum: 1, maximum: 65535},
	"mail.secret": {
		minimum: 20,
		maximum: 400,
		pattern: `^arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$`,
		says:    "the full ARN of a secret with its six last characters, e.g. arn:aws:secretsmanager:eu-central-1:111122223333:secret:moodle/smtp-AbCdEf",
	},
	"mail.key": {
		minimum: 20,
		maximum: 200,
		pattern: `^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`,
		says:    "the ARN of a key, not of an alias, e.g. arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
	},
	"mail.sender":   mailbox,
	"mail.divertTo": mailbox,
}
