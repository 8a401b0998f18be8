package gate

import (
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/template"
)

const wayBack = "the way back is to restore the snapshot from before it into a new site, " +
	"without what was written since; CloudFormation's rollback is not one"

// newerEngine words a newer version of a database's engine. An older one is for [Downgrade].
func newerEngine(d difference, old, new template.Value) string {
	from, known := old.Literal()
	to, literal := new.Literal()
	engine := d.New.Property("Engine").String()
	switch {
	case d.Type == "AWS::RDS::DBInstance" && d.New.Property("DBClusterIdentifier").Exists():
		return "" // its cluster decides
	case !known || !literal:
		return fmt.Sprintf(
			"the engine's version changes from %s to %s, and it cannot be read from the templates if that is newer; %s",
			format(old), format(new), wayBack,
		)
	case older(to, from):
		return ""
	case majorOf(engine, from) != majorOf(engine, to):
		return fmt.Sprintf(
			"the engine goes from %s to %s, a major version: the whole database is away meanwhile, "+
				"for half an hour or longer; %s", from, to, wayBack,
		)
	}
	return fmt.Sprintf(
		"the engine goes from %s to %s, a minor version: the database restarts, which takes a minute or two; %s",
		from, to, wayBack,
	)
}

// majorOf returns the part of a version that its engine calls major: the first number of PostgreSQL, the first two of
// MySQL (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.VersionPolicy.html).
func majorOf(engine, version string) string {
	numbers := 2
	if strings.Contains(engine, "postgres") {
		numbers = 1
	}
	parts := strings.Split(version, ".")
	return strings.Join(parts[:min(numbers, len(parts))], ".")
}

func beforeEngine(f Facts, d difference) []string {
	from, engine := format(d.Old.Property("EngineVersion")), format(d.New.Property("Engine"))
	return []string{
		fmt.Sprintf(
			"see what %s may become: aws rds describe-db-engine-versions --engine %s --engine-version %s "+
				"--query 'DBEngineVersions[].ValidUpgradeTarget[].EngineVersion'", from, engine, from,
		),
		"try it first on a copy: a new site from a snapshot of this one",
		"choose an hour in which nobody works; until then " + f.keepIt(d, "EngineVersion"),
	}
}

func beforeInstanceEngine(f Facts, d difference) []string {
	return append(
		beforeEngine(f, d),
		"take a snapshot: aws rds create-db-snapshot --db-instance-identifier ID --db-snapshot-identifier NAME",
	)
}

func standardStorage(_ difference, old, new template.Value) string {
	const optimized = "aurora-iopt1"
	if old.String() != optimized {
		return ""
	}
	return fmt.Sprintf(
		"the storage goes from %s to %s, and back only 30 days after the last change to %s, in a rollback too",
		optimized, format(new), optimized,
	)
}

func moreStorage(_ difference, old, new template.Value) string {
	before, known := old.Number()
	if after, literal := new.Number(); known && literal && after <= before {
		return ""
	}
	return fmt.Sprintf(
		"the storage grows from %s to %s GiB, and RDS never makes it smaller: the way back is a new database",
		format(old), format(new),
	)
}

func otherSecretKey(d difference, old, new template.Value) string {
	if !old.Exists() || !d.Old.Property("ManageMasterUserPassword").IsTrue() {
		return ""
	}
	return fmt.Sprintf(
		"the key of the master user's secret goes from %s to %s, which RDS refuses while it keeps that secret", old,
		format(new),
	)
}

// newerCacheEngine words a newer engine of a cache. An older one is for [Downgrade].
func newerCacheEngine(d difference, _, _ template.Value) string {
	if cacheBecomesOlder(d) {
		return ""
	}
	away := "writes stop for some seconds while a replica takes over"
	if !d.New.Property("AutomaticFailoverEnabled").IsTrue() {
		away = "it has no replica, so it is away meanwhile, and may lose what is in it"
	}
	return fmt.Sprintf(
		"the cache's engine goes from %s to %s: %s; the way back is a new cache, "+
			"and CloudFormation's rollback is not one", cacheEngine(d.Old), cacheEngine(d.New), away,
	)
}

func cacheBecomesOlder(d difference) bool {
	from, to := d.Old.Property("Engine").String(), d.New.Property("Engine").String()
	if from != to {
		return from == "valkey"
	}
	return older(d.New.Property("EngineVersion").String(), d.Old.Property("EngineVersion").String())
}

func cacheEngine(r template.Resource) string {
	return strings.TrimSpace(r.Property("Engine").String() + " " + r.Property("EngineVersion").String())
}

func beforeCacheEngine(f Facts, d difference) []string {
	return []string{
		"choose an hour in which few people work; until then " + f.keepIt(d, "EngineVersion"),
	}
}

// replicaCounts are the properties that give a cache its number of nodes.
var replicaCounts = []string{"NumCacheClusters", "ReplicasPerNodeGroup"}

func replicasWithFailover(d difference, old, new template.Value) string {
	refused := "it is not known in which order CloudFormation does that, and ElastiCache allows no failover without a replica"
	if new.IsTrue() {
		refused = "by a public report ElastiCache refuses that, since failover comes first and there is no replica yet"
	}
	for _, path := range replicaCounts {
		before, after := d.Old.Property(path), d.New.Property(path)
		if before.Equal(after) {
			continue
		}
		return fmt.Sprintf(
			"%s goes from %s to %s, and automatic failover from %s to %s, in one update: %s; if it is refused, "+
				"the deployment fails and is rolled back",
			path, format(before), format(after), format(old), format(new), refused,
		)
	}
	return ""
}

func keepReplicas(f Facts, d difference) []string {
	changed := slices.IndexFunc(replicaCounts, func(path string) bool {
		return !d.Old.Property(path).Equal(d.New.Property(path))
	})
	return []string{f.keepIt(d, replicaCounts[changed]) + ": a new site can begin with another number"}
}

func clusterMode(_ difference, old, new template.Value) string {
	return fmt.Sprintf(
		"the cluster mode goes from %s to %s, and the way back is a new cache", format(old), format(new),
	)
}

// noLongerElastic words that a file system's throughput is elastic no longer, though its files may lie in Archive.
func noLongerElastic(d difference, old, new template.Value) string {
	policies := d.Old.Property("LifecyclePolicies").Items()
	archives := func(p template.Value) bool { return p.Key("TransitionToArchive").Exists() }
	if old.String() != "elastic" || !slices.ContainsFunc(policies, archives) {
		return ""
	}
	return fmt.Sprintf(
		"the throughput goes from elastic to %s, which EFS refuses as soon as one file lies in Archive: "+
			"a file leaves that only when somebody reads it, if at all", format(new),
	)
}

func beforeThroughput(f Facts, d difference) []string {
	return []string{
		"see if anything lies in Archive: aws efs describe-file-systems " +
			"--query 'FileSystems[].[FileSystemId,SizeInBytes.ValueInArchive]'",
		"if anything does, " + f.keepIt(d, "ThroughputMode"),
	}
}

func lockedVault(_ difference, _, new template.Value) string {
	days := new.Key("ChangeableForDays")
	if !days.Exists() {
		return ""
	}
	return fmt.Sprintf(
		"the vault is locked for ever in %s days; then nobody can delete what is in it before its time", days,
	)
}

func becomesTrue(what string) func(difference, template.Value, template.Value) string {
	return func(_ difference, _, new template.Value) string {
		if !new.IsTrue() {
			return ""
		}
		return what
	}
}

// keep advises to leave a property as it is.
func keep(path string) func(Facts, difference) []string {
	return func(f Facts, d difference) []string {
		return []string{f.keepIt(d, path)}
	}
}
