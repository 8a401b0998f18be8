package servicerules

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func fileLifecycle(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, r := range all.of("AWS::EFS::FileSystem") {
		days := map[string]int{}
		for _, p := range r.at("LifecyclePolicies[]") {
			policy, ok := p.value.(map[string]any)
			if !ok || p.unknown || isFunction(policy) {
				days = nil
				break
			}
			if len(policy) != 1 {
				violations = append(violations, r.violation(rule, p.path, fmt.Sprint(len(policy), " transitions")))
			}
			for transition, after := range policy {
				if days[transition] != 0 {
					violations = append(violations, r.violation(rule, p.path, "a second "+transition))
				}
				days[transition] = daysOf(after)
			}
		}
		access, archive := days["TransitionToIA"], days["TransitionToArchive"]
		if access == hidden || archive == hidden {
			continue
		}
		if archive != 0 && archive <= access {
			both := fmt.Sprintf("archive after %d days, Infrequent Access after %d", archive, access)
			violations = append(violations, r.violation(rule, "LifecyclePolicies", both))
		}
	}
	return violations
}

// hidden is a number of days that a function hides.
const hidden = -1

// daysOf reads AFTER_30_DAYS.
func daysOf(after any) int {
	n, err := strconv.Atoi(strings.Trim(fmt.Sprint(after), "AFTERDYS_"))
	if err != nil || n == 0 {
		return hidden
	}
	return n
}

func mountTargets(rule *Rule, all resources) []Violation {
	targets := all.of("AWS::EFS::MountTarget")
	again := twice(targets, func(r resource) string {
		return fmt.Sprint(r.template, r.properties["FileSystemId"], r.properties["SubnetId"])
	})
	for _, r := range twice(targets, func(r resource) string {
		system, ok := all.named(r, r.properties["FileSystemId"])
		if zone, given := system.properties["AvailabilityZoneName"]; !ok || !given || isFunction(zone) {
			return ""
		}
		return r.template + " " + system.id
	}) {
		if !slices.ContainsFunc(again, func(other resource) bool { return other.id == r.id }) {
			again = append(again, r)
		}
	}
	var violations []Violation
	for _, r := range again {
		violations = append(violations, r.violation(rule, "SubnetId", r.properties["SubnetId"]))
	}
	return violations
}

func serverlessRange(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, r := range all.of("AWS::RDS::DBInstance") {
		cluster, ok := all.named(r, r.properties["DBClusterIdentifier"])
		capacity := cluster.properties["ServerlessV2ScalingConfiguration"]
		if ok && r.known("DBInstanceClass") == "db.serverless" && capacity == nil {
			violations = append(violations, r.violation(rule, "DBInstanceClass", "db.serverless"))
		}
	}
	return violations
}

func clusterFamily(rule *Rule, all resources) []Violation {
	return otherFamilies(
		rule, all, "AWS::RDS::DBCluster", "DBClusterParameterGroupName", "Family", "aurora-postgresql",
	)
}

func cacheFamily(rule *Rule, all resources) []Violation {
	return otherFamilies(
		rule, all, "AWS::ElastiCache::ReplicationGroup", "CacheParameterGroupName", "CacheParameterGroupFamily", "valkey",
	)
}

// otherFamilies are the parameter groups, by the property of a type that names its group, whose family is not that of
// the engine's major version.
func otherFamilies(rule *Rule, all resources, typeName, names, familyKey, engine string) []Violation {
	var violations []Violation
	for _, r := range all.of(typeName) {
		group, ok := all.named(r, r.properties[names])
		version, family := r.known("EngineVersion"), group.known(familyKey)
		if !ok || version == "" || family == "" || r.known("Engine") != engine {
			continue
		}
		if major, _, _ := strings.Cut(version, "."); family != engine+major {
			violations = append(violations, group.violation(rule, familyKey, family))
		}
	}
	return violations
}

func cacheWindows(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, r := range all.of("AWS::ElastiCache::ReplicationGroup") {
		violations = append(violations, windows(rule, r, 60, "SnapshotWindow", r.known("SnapshotWindow"))...)
	}
	return violations
}

func databaseWindows(rule *Rule, all resources) []Violation {
	var violations []Violation
	check := func(r resource, backup string) {
		violations = append(violations, windows(rule, r, 30, "PreferredBackupWindow", backup)...)
	}
	for _, r := range all.of("AWS::RDS::DBCluster") {
		check(r, r.known("PreferredBackupWindow"))
	}
	for _, r := range all.of("AWS::RDS::DBInstance") {
		backup := r.known("PreferredBackupWindow")
		if cluster, ok := all.named(r, r.properties["DBClusterIdentifier"]); ok && backup == "" {
			backup = cluster.known("PreferredBackupWindow")
		}
		check(r, backup)
	}
	return violations
}

var clock = regexp.MustCompile(`^(?:([A-Za-z]{3}):)?(\d\d):(\d\d)$`)

const (
	day  = 24 * 60
	week = 7 * day
)

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// window reads sun:01:00-sun:02:00 or 00:00-01:00: where it begins, and how many minutes it has.
func window(text string, around int) (begin, minutes int, ok bool) {
	from, to, _ := strings.Cut(text, "-")
	var ends [2]int
	for i, end := range []string{from, to} {
		parts := clock.FindStringSubmatch(end)
		if parts == nil {
			return 0, 0, false
		}
		hours, _ := strconv.Atoi(parts[2]) // digits by the pattern
		minute, _ := strconv.Atoi(parts[3])
		ends[i] = max(0, slices.Index(weekdays, strings.ToLower(parts[1])))*day + hours*60 + minute
	}
	return ends[0], (ends[1] - ends[0] + around) % around, true
}

// windows checks the length of the weekly window for maintenance and of a daily one, and that they do not meet on any
// day. The daily one may be another resource's.
func windows(rule *Rule, r resource, least int, dailyPath, daily string) []Violation {
	const weeklyPath = "PreferredMaintenanceWindow"
	var violations []Violation
	weekly := r.known(weeklyPath)
	begin, minutes, ok := window(weekly, week)
	if ok && minutes < least {
		violations = append(violations, r.violation(rule, weeklyPath, weekly))
	}
	start, length, both := window(daily, day)
	if both && length < least && r.known(dailyPath) != "" {
		violations = append(violations, r.violation(rule, dailyPath, daily))
	}
	if !ok || !both {
		return violations
	}
	for each := -1; each < 8; each++ {
		if from := each*day + start; from < begin+minutes && begin < from+length {
			return append(violations, r.violation(rule, weeklyPath, weekly+" with "+daily))
		}
	}
	return violations
}
