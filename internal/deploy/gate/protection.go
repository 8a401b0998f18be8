package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/compare"
)

// protections are properties that guard data or its way, and when a change of one makes it less.
var protections = []struct {
	path   string // the last part of the property's path
	less   func(old, new any) bool
	guards string
}{
	{"DeletionProtection", becomes("true", "false"), "deletion protection"},
	{"DeletionProtectionEnabled", becomes("true", "false"), "deletion protection"},
	{"BackupRetentionPeriod", shrinks, "backup retention in days"},
	{"BackupPolicy.Status", becomes("ENABLED", "DISABLED"), "automatic backup"},
	{"StorageEncrypted", becomes("true", "false"), "encryption at rest"},
	{"Encrypted", becomes("true", "false"), "encryption at rest"},
	{"AtRestEncryptionEnabled", becomes("true", "false"), "encryption at rest"},
	{"TransitEncryptionEnabled", becomes("true", "false"), "encryption on the way"},
	{"KmsKeyId", removed, "the site's own key"},
	{"EnableKeyRotation", becomes("true", "false"), "rotation of the key"},
	{"rds.force_ssl", becomes("1", "0"), "TLS to the database"},
	{"HttpTokens", becomes("required", "optional"), "the lock on instance metadata"},
	{"MultiAZEnabled", becomes("true", "false"), "a copy in another zone"},
	{"AutomaticFailoverEnabled", becomes("true", "false"), "automatic failover"},
	{"VersioningConfiguration.Status", becomes("Enabled", "Suspended"), "old versions of objects"},
	{"SslPolicy", differs, "the TLS policy"},
	{"RetentionInDays", shrinks, "days of logs"},
	{"EnableIAMDatabaseAuthentication", becomes("true", "false"), "IAM authentication"},
}

// protectionRemoved finds guards that are lifted or weakened.
func protectionRemoved(f Facts) []Finding {
	var all []Finding
	for _, d := range f.differences() {
		if d.Old == nil || d.New == nil {
			continue
		}
		for _, what := range removedGuards(d) {
			all = append(all, Finding{
				Code: ProtectionRemoved, Subject: d.subject(), What: what,
				Steps: []string{"keep it, unless the next step needs it lifted"}, LastResort: "or accept it by name, with the reason, and put it back afterwards",
			})
		}
	}
	return all
}

func removedGuards(d difference) []string {
	var all []string
	for _, p := range d.Properties {
		for _, guard := range protections {
			if (p.Path == guard.path || strings.HasSuffix(p.Path, "."+guard.path)) && guard.less(p.Old, p.New) {
				all = append(all, fmt.Sprintf("%s goes from %s to %s", guard.guards, format(p.Old), format(p.New)))
			}
		}
	}
	for _, p := range d.Attributes {
		if (p.Path == "DeletionPolicy" || p.Path == "UpdateReplacePolicy") && strength(p.New) < strength(p.Old) {
			all = append(all, fmt.Sprintf("%s goes from %s to %s", p.Path, format(p.Old), format(p.New)))
		}
	}
	return append(all, liftedAttributes(d)...)
}

// liftedAttributes looks into lists of keys and values, as load balancers have them.
func liftedAttributes(d difference) []string {
	var all []string
	before, after := attributesOf(d.Old), attributesOf(d.New)
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if before[key] == "true" && after[key] != "true" {
			all = append(all, fmt.Sprintf("%s goes from true to %s", key, format(after[key])))
		}
	}
	return all
}

// guarding are the load balancer's attributes that guard something.
var guarding = []string{"deletion_protection.enabled", "access_logs.s3.enabled", "routing.http.drop_invalid_header_fields.enabled"}

func attributesOf(resource map[string]any) map[string]any {
	all := map[string]any{}
	for _, item := range listOf(mapOf(resource["Properties"])["LoadBalancerAttributes"]) {
		if key, _ := mapOf(item)["Key"].(string); slices.Contains(guarding, key) {
			all[key] = mapOf(item)["Value"]
		}
	}
	return all
}

// strength is how well a policy keeps data.
func strength(policy any) int {
	switch policy {
	case "Retain", "RetainExceptOnCreate":
		return 2
	case "Snapshot":
		return 1
	}
	return 0
}

func format(v any) string {
	if v == nil {
		return "nothing"
	}
	return compare.Text(v)
}

func becomes(from, to string) func(old, new any) bool {
	return func(old, new any) bool {
		return compare.Text(old) == from && (new == nil || compare.Text(new) == to)
	}
}

func removed(old, new any) bool { return old != nil && new == nil }
func differs(old, new any) bool { return old != nil && compare.Text(old) != compare.Text(new) }

func shrinks(old, new any) bool {
	o, oldIsNumber := asNumber(old)
	n, newIsNumber := asNumber(new)
	return oldIsNumber && (new == nil || newIsNumber && n < o)
}
