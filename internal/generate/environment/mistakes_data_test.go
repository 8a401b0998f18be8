package environment

// dataMistakes are about file system, database, cache.
var dataMistakes = []badInput{
	{"oneZone without zone", small, ``, `filesystem: {type: oneZone}`,
		`test.yaml:12:1: filesystem.zone: is missing: a oneZone file system needs its zone; use one of network.zones`},
	{"oneZone in a zone not used", small, ``, `filesystem: {type: oneZone, zone: eu-central-1c}`,
		`test.yaml:12:35: filesystem.zone: eu-central-1c is not used by the site; use one of network.zones: eu-central-1a, eu-central-1b`},
	{"zone of a regional file system", small, ``, `filesystem: {zone: eu-central-1a}`,
		`test.yaml:12:20: filesystem.zone: has no use with type regional; remove it, or choose type oneZone`},
	{"archive before infrequent access", small, ``, `filesystem: {infrequentAccessDays: 90, archiveDays: 30}`,
		`test.yaml:12:53: filesystem.archiveDays: 30 is not more than infrequentAccessDays (90), which a file passes first; use more days, or 0`},
	{"archive without infrequent access", small, ``, `filesystem: {infrequentAccessDays: 0, archiveDays: 30}`,
		`test.yaml:12:52: filesystem.archiveDays: 30 is not more than infrequentAccessDays (0), which a file passes first; use more days, or 0`},
	{"archive with bursting throughput", small, ``, `filesystem: {throughput: bursting, archiveDays: 90}`,
		`test.yaml:12:49: filesystem.archiveDays: the archive class needs throughput elastic; with bursting use 0`},
	{"archive in one zone", small, ``, `filesystem: {type: oneZone, zone: eu-central-1a, archiveDays: 180}`,
		`test.yaml:12:63: filesystem.archiveDays: a oneZone file system has no archive class; set it to 0, or leave the key out`},
	{"database version as a number", small, ``, `database: {version: 17.5}`,
		`test.yaml:12:21: database.version: 17.5 is read as a number by YAML; quote it: "17.5"`},
	{"database version of another engine", small, ``, `database: {version: 8.0.mysql}`,
		`test.yaml:12:21: database.version: 8.0.mysql is not allowed; use a version of Aurora PostgreSQL in quotes, e.g. "17.11"`},
	{"minimum above maximum", small, ``, `database: {capacity: {minimum: 8, maximum: 4}}`,
		`test.yaml:12:32: database.capacity.minimum: the minimum 8 is above the maximum 4`},
	{"minimum above the default maximum", small, ``, `database: {capacity: {minimum: 8}}`,
		`test.yaml:12:32: database.capacity.minimum: the minimum 8 is above the maximum 4; database.capacity.maximum is left out, so its default applies`},
	{"step", small, ``, `database: {capacity: {minimum: 0.7}}`,
		`test.yaml:12:32: database.capacity.minimum: 0.7 is not allowed; use steps of 0.5`},
	{"0 without auto-pause", small, ``, `database: {capacity: {minimum: 0}}`,
		`test.yaml:12:32: database.capacity.minimum: 0 lets the database pause, which needs autoPauseSeconds (300 to 86400); set that, or use 0.5 or more`},
	{"auto-pause above 0", small, ``, `database: {autoPauseSeconds: 600}
application: {capacity: {minimum: 0}}`,
		`test.yaml:12:30: database.autoPauseSeconds: the database pauses only with a capacity.minimum of 0, and it is 0.5; set it to 0, or remove this`},
	{"auto-pause too short", small, ``, `database: {autoPauseSeconds: 60, capacity: {minimum: 0}}
application: {capacity: {minimum: 0}}`,
		`test.yaml:12:30: database.autoPauseSeconds: 60 is not allowed; use 0 (never) or 300 to 86400`},
	{"auto-pause while cron runs", small, ``, `database: {autoPauseSeconds: 600, capacity: {minimum: 0}}`,
		`test.yaml:12:30: database.autoPauseSeconds: the database would never pause, since the site's cron connects every minute; set application.capacity.minimum to 0, add a schedule with maximum 0 (nights), or remove this`},
	{"auto-pause of an old version", small, `moodle:
  version: "5.3"
  archive:
    url: https://packaging.moodle.org/stable503/moodle-5.3.tgz`, `database: {version: "16.2", autoPauseSeconds: 600, capacity: {minimum: 0}}
application: {capacity: {minimum: 0}}
moodle:
  version: "5.2"
  archive:
    url: https://packaging.moodle.org/stable502/moodle-5.2.tgz`,
		`test.yaml:5:47: database.autoPauseSeconds: version 16.2 can't pause; use 17, 16.3, 15.7, 14.12, 13.15 or a later one of each`},
	{"too many readers", small, ``, `database: {readers: 2}`,
		`test.yaml:12:21: database.readers: 2 readers need as many zones besides the writer's; with 2 zones use at most 1`},
	{"no backup days", small, ``, `database: {backupDays: 0}`,
		`test.yaml:12:24: database.backupDays: 0 is not allowed; use 1 to 35`},
	{"snapshot of an instance", small, ``, `database: {snapshot: "arn:aws:rds:eu-central-1:111122223333:snapshot:x"}`,
		`test.yaml:12:22: database.snapshot: arn:aws:rds:eu-central-1:111122223333:snapshot:x is not allowed; use the ARN of a cluster snapshot, e.g. arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:before-exam`},
	{"snapshot with a name that RDS refuses", small, ``, `database: {snapshot: "arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:before--exam"}`,
		`test.yaml:12:22: database.snapshot: arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:befo… is not allowed; use the ARN of a cluster snapshot, e.g. arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:before-exam`},
	{"snapshot of another region", small, ``, `database: {snapshot: "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:x"}`,
		`test.yaml:12:22: database.snapshot: is in eu-west-1, but the site is in eu-central-1; copy the snapshot to the site's region first`},
	{"cache options without cache", small, ``, `cache: {nodeType: cache.t4g.small, replicas: 1}`,
		`test.yaml:12:19: cache.nodeType: has no use with type none; remove it, or choose type valkey
test.yaml:12:46: cache.replicas: 1 has no use with type none; remove it, or choose type valkey`},
	{"minor upgrades of no cache", small, ``, `cache: {minorUpgrades: false}`,
		`test.yaml:12:24: cache.minorUpgrades: false has no use with type none; remove it, or choose type valkey`},
	{"maintenance during the backup", small, ``, `database: {maintenanceWindow: "tue:23:30-wed:00:10", backupWindow: "00:00-00:30"}`,
		`test.yaml:12:31: database.maintenanceWindow: tue:23:30-wed:00:10 overlaps database.backupWindow (00:00-00:30); choose another time (UTC)`},
	{"a backup during the default maintenance", small, ``, `database: {backupWindow: "02:30-03:30"}`,
		`test.yaml:12:26: database.backupWindow: 02:30-03:30 overlaps database.maintenanceWindow (sun:02:00-sun:03:00); database.maintenanceWindow is left out, so its default applies; choose another time (UTC)`},
	{"cache and database at one time", small, ``, `cache: {type: valkey, maintenanceWindow: "sun:23:30-mon:00:30"}
database: {maintenanceWindow: "mon:00:00-mon:00:30"}`,
		`test.yaml:12:42: cache.maintenanceWindow: sun:23:30-mon:00:30 overlaps database.maintenanceWindow (mon:00:00-mon:00:30); choose another time (UTC)`},
	{"a window too short", small, ``, `cache: {type: valkey, maintenanceWindow: "mon:00:00-mon:00:30"}`,
		`test.yaml:12:42: cache.maintenanceWindow: mon:00:00-mon:00:30 lasts 30 minutes; use at least 60, and less than a day`},
	{"a window of nothing", small, ``, `database: {backupWindow: "04:00-04:00"}`,
		`test.yaml:12:26: database.backupWindow: 04:00-04:00 lasts 0 minutes; use at least 30, and less than a day`},
	{"a window without its day", small, ``, `database: {maintenanceWindow: "01:00-02:00"}`,
		`test.yaml:12:31: database.maintenanceWindow: 01:00-02:00 is not allowed; use a time of the week in UTC, e.g. sun:01:00-sun:02:00`},
	{"an hour that no day has", small, ``, `database: {maintenanceWindow: "sun:24:00-sun:25:00"}`,
		`test.yaml:12:31: database.maintenanceWindow: sun:24:00-sun:25:00 is not allowed; use a time of the week in UTC, e.g. sun:01:00-sun:02:00`},
	{"a window of no cache", small, ``, `cache: {maintenanceWindow: "mon:00:00-mon:01:00"}`,
		`test.yaml:12:28: cache.maintenanceWindow: has no use with type none; remove it, or choose type valkey`},
	{"cache node type without its prefix", small, ``, `cache: {type: valkey, nodeType: t4g.small}`,
		`test.yaml:12:33: cache.nodeType: t4g.small is not allowed; use an ElastiCache node type, e.g. cache.t4g.small`},
	{"cache node type closed to new caches", small, ``, `cache: {type: valkey, nodeType: cache.m3.medium}`,
		`test.yaml:12:33: cache.nodeType: cache.m3.medium is of a family that AWS keeps for old caches only; use e.g. cache.t4g.small, cache.m7g.large`},
	{"cache node type that wants data tiering", small, ``, `cache: {type: valkey, nodeType: cache.r6gd.xlarge}`,
		`test.yaml:12:33: cache.nodeType: cache.r6gd.xlarge works only with data tiering, which the site's cache does not use; use e.g. cache.r6g.xlarge`},
	{"cache node type of no size", small, ``, `cache: {type: valkey, nodeType: cache.t4g.large}`,
		`test.yaml:12:33: cache.nodeType: cache.t4g.large is not among the node types that the program knows; of this kind it knows cache.t4g.medium, cache.t4g.micro, cache.t4g.small; if AWS offers it since 2026-10-20, accept it with a reason: accept: {new-node-type: "your reason"}`},
	{"cache node type of no family", small, ``, `cache: {type: valkey, nodeType: cache.zz9.huge}`,
		`test.yaml:12:33: cache.nodeType: cache.zz9.huge is not among the node types that the program knows; if AWS offers it since 2026-10-20, accept it with a reason: accept: {new-node-type: "your reason"}`},
	{"database version that does not exist", small, ``, `database: {version: "17.99"}`,
		`test.yaml:12:21: database.version: 17.99 is not among the versions of Aurora PostgreSQL that the program knows; of this kind it knows 17.4, 17.5, 17.6, 17.7, 17.9, 17.10, 17.11; if AWS offers it since 2026-10-20, accept it with a reason: accept: {new-database-version: "your reason"}`},
	{"database version before Serverless v2", small, ``, `database: {version: "13.4"}`,
		`test.yaml:12:21: database.version: 13.4 has no Serverless v2, on which the site's database runs; use 17, 16.1, 15.2, 14.3, 13.6 or a later one of each`},
	{"more capacity than the version has", small, `moodle:
  version: "5.3"
  archive:
    url: https://packaging.moodle.org/stable503/moodle-5.3.tgz`, `database: {version: "13.9", capacity: {maximum: 128.5}}
moodle:
  version: "4.5.14"
  archive:
    url: https://packaging.moodle.org/stable405/moodle-4.5.14.tgz`,
		`test.yaml:5:49: database.capacity.maximum: version 13.9 has at most 128; use that, or a later version`},
	{"cache by its old name", small, ``, `cache: {type: redis}`,
		`test.yaml:12:15: cache.type: redis is not allowed; use one of none, valkey`},
}
