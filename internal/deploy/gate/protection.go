package gate

import (
	"fmt"
	"strings"

	"distributed-moodle/internal/cfn/template"
)

// protections are properties that guard data or its way, and when a change of one weakens it.
var protections = []struct {
	path   string // the last part of the property's path
	weaker func(old, new template.Value) bool
	guards string
}{
	{"DeletionProtection", becomes("true", "false"), "deletion protection"},
	{"DeletionProtectionEnabled", becomes("true", "false"), "deletion protection"},
	{"BackupRetentionPeriod", shrinks, "backup retention in days"},
	{"BackupPolicy.Status", becomes("ENABLED", "DISABLED"), "automatic backup"},
	{"StorageEncrypted", becomes("true", "false"), "encryption at rest"},
	{"Encrypted", becomes("true", "false"), "encryption at rest"},
	{"AtRestEncryptionEnabled", becomes("true", "false"), "encryption at rest"},
	{"TransitEncryptionEnabled", becomes("true", "false"), "encryption in transit"},
	{"KmsKeyId", removed, "the site's own key"},
	{"EnableKeyRotation", becomes("true", "false"), "rotation of the key"},
	{"rds.force_ssl", becomes("1", "0"), "TLS to the database"},
	{"HttpTokens", becomes("required", "optional"), "the requirement of tokens for instance metadata (IMDSv2)"},
	{"MultiAZEnabled", becomes("true", "false"), "a copy in another zone"},
	{"AutomaticFailoverEnabled", becomes("true", "false"), "automatic failover"},
	{"VersioningConfiguration.Status", becomes("Enabled", "Suspended"), "old versions of objects"},
	{"SslPolicy", differs, "the TLS policy"},
	{"RetentionInDays", shrinks, "days of logs"},
	{"PendingWindowInDays", shortens(30), "days in which a deleted key can be saved"},
	{"EnableIAMDatabaseAuthentication", becomes("true", "false"), "IAM authentication"},
}

// protectionRemoved finds guards that are lifted or weakened.
func protectionRemoved(f Facts) []Finding {
	var all []Finding
	for _, d := range f.differences() {
		if !d.Old.Exists() || !d.New.Exists() {
			continue
		}
		for _, what := range removedGuards(d) {
			all = append(all, Finding{
				Code: ProtectionRemoved, Subject: d.subject(), What: what.text, Facts: []Fact{what.fact},
				Steps: []string{
					"keep it, unless the next step requires its removal: production, database.backupDays or " +
						"filesystem.backup in the environment file",
				},
				LastResort: "or pass --accept with the reason, and restore it afterwards",
			})
		}
	}
	return all
}

func removedGuards(d difference) []observation {
	var all []observation
	for _, p := range d.Properties {
		for _, guard := range protections {
			if (p.Path == guard.path || strings.HasSuffix(p.Path, "."+guard.path)) && guard.weaker(p.Old, p.New) {
				all = append(all, weakened(guard.guards, p.Path, p.Old, p.New))
			}
		}
	}
	for _, p := range d.Attributes {
		if (p.Path == "DeletionPolicy" || p.Path == "UpdateReplacePolicy") && strength(p.New) < strength(p.Old) {
			all = append(all, weakened(p.Path, p.Path, p.Old, p.New))
		}
	}
	return append(all, removedAttributes(d)...)
}

// removedAttributes looks into lists of keys and values, as load balancers have them.
func removedAttributes(d difference) []observation {
	var all []observation
	for _, key := range guarding {
		before, after := d.Old.LoadBalancerAttribute(key), d.New.LoadBalancerAttribute(key)
		if before.IsTrue() && !after.IsTrue() {
			all = append(all, weakened(key, key, before, after))
		}
	}
	return all
}

func weakened(what, path string, old, new template.Value) observation {
	return observation{fmt.Sprintf("%s goes from %s to %s", what, format(old), format(new)), fact(path, old, new)}
}

// guarding are the load balancer's attributes that guard something, sorted.
var guarding = []string{
	"access_logs.s3.enabled",
	template.DeletionProtectionAttribute,
	"routing.http.drop_invalid_header_fields.enabled",
}

// strength is how well a policy keeps data.
func strength(policy template.Value) int {
	switch policy.String() {
	case "Retain", "RetainExceptOnCreate":
		return 2
	case "Snapshot":
		return 1
	}
	return 0
}

func format(v template.Value) string {
	if !v.Exists() {
		return "nothing"
	}
	return v.String()
}

func becomes(from, to string) func(old, new template.Value) bool {
	return func(old, new template.Value) bool {
		return old.String() == from && (!new.Exists() || new.String() == to)
	}
}

func removed(old, new template.Value) bool { return old.Exists() && !new.Exists() }
func differs(old, new template.Value) bool { return old.Exists() && !old.Equal(new) }

// shortens is for a number that has a default.
func shortens(byDefault float64) func(old, new template.Value) bool {
	days := func(v template.Value) float64 {
		if n, literal := v.Number(); literal || v.Exists() {
			return n
		}
		return byDefault
	}
	return func(old, new template.Value) bool { return days(new) < days(old) }
}

func shrinks(old, new template.Value) bool {
	o, oldIsNumber := old.Number()
	n, newIsNumber := new.Number()
	return oldIsNumber && (!new.Exists() || newIsNumber && n < o)
}
