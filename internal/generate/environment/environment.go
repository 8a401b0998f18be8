// Package environment reads the one file that describes a site.
//
// [Load] returns an [Environment] with every default filled in, or all the mistakes of the file at once, each with its
// place. A loaded Environment is consistent: the builders in stacks/ take its values as they are and never check again.
package environment

import "distributed-moodle/internal/lockfile"

// Environment is one site as its administrator describes it. Lengths are in characters, sizes in MiB or GiB as the name
// says, durations in days or seconds as the name says.
type Environment struct {
	Name   string `json:"-"` // the file's name without .yaml: dev, prod
	Path   string `json:"-"` // the file, relative to the module, with forward slashes
	SHA256 string `json:"-"` // of the file's bytes, in lower-case hexadecimal

	SiteAt Position `json:"-"` // where the file says the site's name

	Lock *lockfile.Lock `json:"-"` // the lock beside the file; nil if the environment was not loaded

	Site       string `json:"site" jsonschema:"Name of the site: its root stack and the first part of each export. It cannot be renamed later"`
	Region     string `json:"region" jsonschema:"AWS region, e.g. eu-central-1"`
	Account    string `json:"account,omitempty" jsonschema:"Account id of 12 digits. When given, deploying with credentials of another account is refused"`
	Production bool   `json:"production,omitempty" jsonschema:"Turns on every protection, and stricter confirmations"`

	Domain      Domain      `json:"domain,omitzero" jsonschema:"Public name of the site. Without one the site is served over plain HTTP under the load balancer's name"`
	Access      Access      `json:"access,omitzero" jsonschema:"Who may reach the site"`
	Network     Network     `json:"network" jsonschema:"Addresses and zones"`
	Filesystem  Filesystem  `json:"filesystem,omitzero" jsonschema:"Elastic File System that holds Moodle's data directory"`
	Database    Database    `json:"database,omitzero" jsonschema:"Aurora PostgreSQL Serverless v2"`
	Cache       Cache       `json:"cache,omitzero" jsonschema:"Valkey for sessions and caches, or none"`
	Application Application `json:"application,omitzero" jsonschema:"The machines that run Moodle"`
	Moodle      Moodle      `json:"moodle" jsonschema:"Which Moodle, and how it is set up"`
	Mail        Mail        `json:"mail,omitzero" jsonschema:"How the site sends mail"`

	Tags   map[string]string `json:"tags,omitempty" jsonschema:"Tags of every resource"`
	Accept map[string]string `json:"accept,omitempty" jsonschema:"Accepted deviations of a production site, each with its reason: no-domain, single-nat, single-node, one-zone-files, no-backup; of any site new-region, new-instance-type, new-node-type, new-database-version (offered by AWS only since this program's list was made)"`
}

// Position is a place in the environment file; both count from 1.
type Position struct{ Line, Column int }

// Domain is the site's public name and where its certificate comes from: a hosted zone (validated by DNS, aliases are
// made) or the ARN of a certificate that exists. The zero value is a site without a name of its own.
type Domain struct {
	Name        string `json:"name,omitempty" jsonschema:"Public host name, e.g. moodle.example.edu"`
	Zone        string `json:"zone,omitempty" jsonschema:"Id of the Route 53 hosted zone that holds the name, e.g. Z0123456789ABCDEFGHIJ"`
	Record      string `json:"record,omitempty" jsonschema:"With a zone: alias (the site's name is pointed at the load balancer) or none (you point it there yourself, e.g. because the name is still used by another site); alias when left out"`
	Certificate string `json:"certificate,omitempty" jsonschema:"ARN of an issued certificate in the same region, instead of a zone"`
}

// Access is who may reach the load balancer.
type Access struct {
	From []string `json:"from,omitempty" jsonschema:"IPv4 and IPv6 ranges that may reach the site; the whole internet when left out"`
}

// Network is the site's address plan. The range is cut into four quarters, one a zone with one spare, so that a third
// zone later moves nothing.
type Network struct {
	CIDR        string   `json:"cidr,omitempty" jsonschema:"Private IPv4 range of the site, /16 to /23"`
	Zones       []string `json:"zones" jsonschema:"Two or three availability zones of the region by name; their order is part of the address plan"`
	NAT         string   `json:"nat,omitempty" jsonschema:"NAT gateways: perZone keeps each zone independent, single is cheaper"`
	Endpoints   []string `json:"endpoints,omitempty" jsonschema:"AWS services reached by private interface endpoints instead of NAT"`
	FlowLogDays int      `json:"flowLogDays,omitempty" jsonschema:"Days that the network's flow logs are kept"`
	IP          string   `json:"ip,omitempty" jsonschema:"dualStack (IPv4 and IPv6 at the load balancer) or ipv4"`
}

// Filesystem is Moodle's data directory.
type Filesystem struct {
	Type                 string `json:"type,omitempty" jsonschema:"regional (copies in every zone) or oneZone (cheaper, lost with its zone)"`
	Zone                 string `json:"zone,omitempty" jsonschema:"The zone of a oneZone file system"`
	Throughput           string `json:"throughput,omitempty" jsonschema:"elastic or bursting"`
	InfrequentAccessDays int    `json:"infrequentAccessDays,omitempty" jsonschema:"Days without access until a file moves to cheaper storage; 0 never"`
	ArchiveDays          int    `json:"archiveDays,omitempty" jsonschema:"Days without access until a file moves to the archive class, more than infrequentAccessDays; 0 never. Only of type regional with elastic throughput, there 90 when left out"`
	Backup               *bool  `json:"backup,omitempty" jsonschema:"Daily backup by AWS's own plan, kept for 35 days; its hour is AWS's and has no key (docs/decisions/008-file-backups.md)"`
}

// Database is the Aurora cluster. Capacity is in Aurora capacity units of about 2 GiB each.
type Database struct {
	Version           string   `json:"version,omitempty" jsonschema:"Aurora PostgreSQL engine version, e.g. 17.5"`
	Capacity          ACURange `json:"capacity,omitzero" jsonschema:"Capacity in Aurora capacity units (about 2 GiB each)"`
	AutoPauseSeconds  int      `json:"autoPauseSeconds,omitempty" jsonschema:"Pause after so many idle seconds (300 to 86400; needs minimum 0); 0 never"`
	Readers           *int     `json:"readers,omitempty" jsonschema:"Read replicas in other zones, 0 to 2"`
	BackupDays        int      `json:"backupDays,omitempty" jsonschema:"Days of point-in-time recovery, 1 to 35"`
	BackupWindow      string   `json:"backupWindow,omitempty" jsonschema:"Time of the database's daily backup in UTC, at least 30 minutes, e.g. 00:00-01:00; when left out from one to two at night in moodle.timeZone"`
	LogDays           int      `json:"logDays,omitempty" jsonschema:"Days that the database's log is kept in CloudWatch Logs"`
	MaintenanceWindow string   `json:"maintenanceWindow,omitempty" jsonschema:"Time of the week in UTC in which AWS may restart the database, at least 30 minutes, e.g. sun:01:00-sun:02:00; a reader alone is restarted one night earlier, a second one two; when left out on Sunday from two to three at night in moodle.timeZone"`
	MinorUpgrades     *bool    `json:"minorUpgrades,omitempty" jsonschema:"AWS installs minor versions of the engine by itself, in the maintenance window only; the database restarts"`
	Snapshot          string   `json:"snapshot,omitempty" jsonschema:"ARN of the cluster snapshot that the database is restored from"`
}

// ACURange is a range of Aurora capacity units in steps of a half.
type ACURange struct {
	Minimum *float64 `json:"minimum,omitempty" jsonschema:"0 to 256 in steps of 0.5; 0 only together with autoPauseSeconds"`
	Maximum *float64 `json:"maximum,omitempty" jsonschema:"1 to 256 in steps of 0.5"`
}

// Cache is the shared cache of the nodes.
type Cache struct {
	MaintenanceWindow string `json:"maintenanceWindow,omitempty" jsonschema:"Time of the week in UTC in which AWS may restart the cache, at least 60 minutes, e.g. sun:02:00-sun:03:00; when left out on Sunday from three to four at night in moodle.timeZone"`
	Type              string `json:"type,omitempty" jsonschema:"none (sessions in the database) or valkey"`
	NodeType          string `json:"nodeType,omitempty" jsonschema:"ElastiCache node type; cache.t4g.small when left out"`
	MinorUpgrades     *bool  `json:"minorUpgrades,omitempty" jsonschema:"AWS installs minor versions of the engine by itself, in the maintenance window only"`
	Replicas          *int   `json:"replicas,omitempty" jsonschema:"Replicas in other zones, 0 to 5; with one or more a failed node is replaced without losing sessions. When left out 0, and 1 in production"`
}

// Application is the Auto Scaling group and its machines.
type Application struct {
	Architecture                string     `json:"architecture,omitempty" jsonschema:"arm64 or amd64; each instance type must be of it"`
	AMI                         string     `json:"ami,omitempty" jsonschema:"latest (Ubuntu 24.04 as Canonical publishes it, looked up whenever a deployment changes the launch template, e.g. by a new Moodle) or the id of an image"`
	InstanceTypes               []string   `json:"instanceTypes,omitempty" jsonschema:"Instance types in order of preference, all of one architecture. When left out t4g.medium or t3.medium, in production m7g.large or m7i.large"`
	VolumeGiB                   int        `json:"volumeGiB,omitempty" jsonschema:"Size of a node's disk, 10 to 1000"`
	Capacity                    Capacity   `json:"capacity,omitzero" jsonschema:"How many nodes run"`
	TargetCPU                   int        `json:"targetCPU,omitempty" jsonschema:"Average CPU in percent that the group is scaled to, 10 to 90"`
	TargetRequests              int        `json:"targetRequests,omitempty" jsonschema:"Requests per node and minute that the group is scaled to"`
	DeregistrationSeconds       int        `json:"deregistrationSeconds,omitempty" jsonschema:"How long a node that is taken away may finish its requests, 0 to 3600 (the target group's deregistration delay)"`
	LogDays                     int        `json:"logDays,omitempty" jsonschema:"Days that the logs of the nodes (boot, web server, PHP, cron) are kept"`
	LongestRequestSeconds       int        `json:"longestRequestSeconds,omitempty" jsonschema:"How long a page may take, e.g. the restore of a large course, 300 to 3600; PHP, nginx and the load balancer wait accordingly"`
	MaximumInstanceLifetimeDays int        `json:"maximumInstanceLifetimeDays,omitempty" jsonschema:"Days after which a node is replaced by a fresh one, 1 to 365; 0 never"`
	Schedules                   []Schedule `json:"schedules,omitempty" jsonschema:"Planned sizes: exam weeks, nights. Each applies until the next one"`
}

// Capacity is a range of nodes.
type Capacity struct {
	Minimum *int `json:"minimum,omitempty" jsonschema:"Nodes that always run"`
	Maximum *int `json:"maximum,omitempty" jsonschema:"Nodes that run at most"`
}

// Schedule changes the group's range at a time: once (start alone) or again and again (recurrence).
type Schedule struct {
	Name       string `json:"name" jsonschema:"Letters and digits; part of the schedule's logical id, e.g. ExamWeekStart"`
	Start      string `json:"start,omitempty" jsonschema:"UTC time of the first change, e.g. 2027-02-01T05:00:00Z"`
	Recurrence string `json:"recurrence,omitempty" jsonschema:"Cron expression of five fields, e.g. 0 6 * * 1-5"`
	TimeZone   string `json:"timeZone,omitempty" jsonschema:"IANA zone that the recurrence is read in; moodle.timeZone when left out, none without recurrence"`
	Minimum    int    `json:"minimum" jsonschema:"Nodes that run from then on at least"`
	Maximum    int    `json:"maximum" jsonschema:"Nodes that run from then on at most"`
}

// Archive is a file by address and content.
type Archive struct {
	URL    string `json:"url" jsonschema:"https address, or a path relative to the environment file"`
	SHA256 string `json:"sha256" jsonschema:"SHA-256 of the file, 64 hexadecimal digits"`
}

// Plugin is a Moodle plugin laid into the code.
type Plugin struct {
	Path   string `json:"path" jsonschema:"Folder in Moodle's code, e.g. mod/attendance"`
	URL    string `json:"url" jsonschema:"https address, or a path relative to the environment file"`
	SHA256 string `json:"sha256" jsonschema:"SHA-256 of the file, 64 hexadecimal digits"`
}

// LanguagePack is a Moodle language pack.
type LanguagePack struct {
	Code   string `json:"code" jsonschema:"Moodle's language code, e.g. de or pt_br"`
	URL    string `json:"url" jsonschema:"https address, or a path relative to the environment file"`
	SHA256 string `json:"sha256" jsonschema:"SHA-256 of the file, 64 hexadecimal digits"`
}

// Moodle is the software and its first settings.
type Moodle struct {
	Version       string            `json:"version" jsonschema:"Moodle release, e.g. 5.3 or 5.1.7"`
	Archive       Archive           `json:"archive,omitzero" jsonschema:"Archive of Moodle, for a mirror or a local file; when left out deploy lock takes the one that moodle.org publishes"`
	Plugins       []Plugin          `json:"plugins,omitempty" jsonschema:"Plugins that are added to Moodle's code"`
	Languages     []LanguagePack    `json:"languages,omitempty" jsonschema:"Language packs"`
	SiteName      string            `json:"siteName" jsonschema:"Full name of the site, as visitors see it"`
	ShortName     string            `json:"shortName,omitempty" jsonschema:"Short name in the navigation; the site's name when left out"`
	Administrator string            `json:"administrator" jsonschema:"Mail address of the administrator"`
	Language      string            `json:"language,omitempty" jsonschema:"Moodle's language code, e.g. en or de; other than en needs its pack"`
	TimeZone      string            `json:"timeZone,omitempty" jsonschema:"IANA time zone of the site, e.g. Europe/Berlin"`
	UploadMiB     int               `json:"uploadMiB,omitempty" jsonschema:"Largest upload, 1 to 2047 MiB"`
	Settings      map[string]string `json:"settings,omitempty" jsonschema:"Settings forced in config.php, by their name in mdl_config, or plugin/name"`
}

// Mail is how the site sends mail.
type Mail struct {
	Transport string `json:"transport,omitempty" jsonschema:"none, smtp, or ses (Amazon SES of the site's region, by SMTP)"`
	Host      string `json:"host,omitempty" jsonschema:"SMTP server, e.g. smtp.example.edu; for ses the region's own when left out"`
	Port      int    `json:"port,omitempty" jsonschema:"SMTP port with STARTTLS (587) or TLS (465); for ses 587 when left out"`
	Secret    string `json:"secret,omitempty" jsonschema:"ARN of a Secrets Manager secret with the keys username and password: for ses the SMTP credentials that SES makes, which are not an access key"`
	Key       string `json:"key,omitempty" jsonschema:"ARN of the KMS key that encrypts the secret, if it is a key of your own and not aws/secretsmanager; the nodes may then decrypt with it, and its policy must leave that to IAM"`
	Sender    string `json:"sender,omitempty" jsonschema:"Address that mail comes from"`
	DivertTo  string `json:"divertTo,omitempty" jsonschema:"Every mail goes to this address instead: for copies of a real site"`
}
