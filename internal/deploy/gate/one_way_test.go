package gate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/manifest"
)

// resource is a resource R of a type, with properties in YAML's flow style.
func resource(kind, properties string) string {
	return resources(fmt.Sprintf("  R: {Type: %q, Properties: {%s}}\n", kind, properties))
}

// Each kind of change without a way back is found, and the way round it, where there is one, is not.
func TestOneWayChanges(t *testing.T) {
	const cluster, cache, files = "AWS::RDS::DBCluster", "AWS::ElastiCache::ReplicationGroup", "AWS::EFS::FileSystem"
	const archive = ", LifecyclePolicies: [{TransitionToIA: AFTER_30_DAYS}, {TransitionToArchive: AFTER_90_DAYS}]"
	tested := map[int]bool{}
	for _, test := range []struct {
		name, kind, before, after string
		want                      string // words of what is found; "" for nothing
		snapshot, fails           bool
	}{
		{"a major version", cluster, `Engine: aurora-postgresql, EngineVersion: "17.11"`, `Engine: aurora-postgresql, EngineVersion: "18.4"`, "from 17.11 to 18.4, a major version: the whole database is away", true, false},
		{"a minor version", cluster, `Engine: aurora-postgresql, EngineVersion: "17.9"`, `Engine: aurora-postgresql, EngineVersion: "17.11"`, "from 17.9 to 17.11, a minor version: the database restarts", true, false},
		{"a major version of MySQL", cluster, `Engine: aurora-mysql, EngineVersion: 8.0.mysql_aurora.3.08.0`, `Engine: aurora-mysql, EngineVersion: 8.4.mysql_aurora.4.01.0`, "a major version", true, false},
		{"a version that a parameter gives", cluster, `EngineVersion: "17.9"`, `EngineVersion: !Ref Version`, "cannot be read from the templates", true, false},
		{"a version that was not given", cluster, `Engine: aurora-postgresql`, `Engine: aurora-postgresql, EngineVersion: "17.9"`, "from nothing to 17.9", true, false},
		{"the same version", cluster, `EngineVersion: "17.9"`, `EngineVersion: 17.9, Port: 1`, "", false, false},
		{"an instance's engine", "AWS::RDS::DBInstance", `Engine: postgres, EngineVersion: "17.9"`, `Engine: postgres, EngineVersion: "18.1"`, "a major version", false, false},
		{"an instance of a cluster", "AWS::RDS::DBInstance", `DBClusterIdentifier: c, EngineVersion: "17.9"`, `DBClusterIdentifier: c, EngineVersion: "18.1"`, "", false, false},
		{"storage that goes back to the standard", cluster, `StorageType: aurora-iopt1`, `Port: 1`, "from aurora-iopt1 to nothing, and back only 30 days", false, false},
		{"storage for much input and output", cluster, `StorageType: aurora`, `StorageType: aurora-iopt1`, "", false, false},
		{"more storage", "AWS::RDS::DBInstance", `AllocatedStorage: "20"`, `AllocatedStorage: 40`, "grows from 20 to 40 GiB, and RDS never makes it smaller", false, false},
		{"less storage, which RDS refuses by itself", "AWS::RDS::DBInstance", `AllocatedStorage: "40"`, `AllocatedStorage: 20`, "", false, false},
		{"another key of the master's secret", cluster, `ManageMasterUserPassword: true, MasterUserSecret: {KmsKeyId: a}`, `ManageMasterUserPassword: true, MasterUserSecret: {KmsKeyId: b}`, "from a to b, which RDS refuses", false, true},
		{"a secret that RDS did not keep", cluster, `ManageMasterUserPassword: false`, `ManageMasterUserPassword: true, MasterUserSecret: {KmsKeyId: b}`, "", false, false},
		{"a newer cache", cache, `Engine: valkey, EngineVersion: "8.0", AutomaticFailoverEnabled: true`, `Engine: valkey, EngineVersion: "8.1", AutomaticFailoverEnabled: true`, "from valkey 8.0 to valkey 8.1: writes stop for some seconds", false, false},
		{"a newer cache without a replica", cache, `Engine: valkey, EngineVersion: "8.0"`, `Engine: valkey, EngineVersion: "8.1"`, "so it is away meanwhile", false, false},
		{"Valkey in the place of Redis", cache, `Engine: redis, EngineVersion: "7.1"`, `Engine: valkey, EngineVersion: "7.2"`, "from redis 7.1 to valkey 7.2", false, false},
		{"a first replica", cache, `NumCacheClusters: 1, AutomaticFailoverEnabled: false, MultiAZEnabled: false`, `NumCacheClusters: 2, AutomaticFailoverEnabled: true, MultiAZEnabled: true`, "NumCacheClusters goes from 1 to 2, and automatic failover from false to true", false, false},
		{"the last replica goes", cache, `NumCacheClusters: 2, AutomaticFailoverEnabled: true`, `NumCacheClusters: 1, AutomaticFailoverEnabled: false`, "it is not known in which order", false, false},
		{"a replica more", cache, `NumCacheClusters: 2, AutomaticFailoverEnabled: true`, `NumCacheClusters: 3, AutomaticFailoverEnabled: true`, "", false, false},
		{"cluster mode", cache, `ClusterMode: disabled`, `ClusterMode: compatible`, "from disabled to compatible, and the way back is a new cache", false, false},
		{"throughput once files are archived", files, `ThroughputMode: elastic` + archive, `ThroughputMode: bursting`, "from elastic to bursting, which EFS refuses as soon as one file lies in Archive", false, false},
		{"throughput without an archive", files, `ThroughputMode: elastic`, `ThroughputMode: bursting`, "", false, false},
		{"throughput that becomes elastic", files, `ThroughputMode: bursting`, `ThroughputMode: elastic` + archive, "", false, false},
		{"a key's policy without a check", "AWS::KMS::Key", `Description: a`, `Description: a, BypassPolicyLockoutSafetyCheck: true`, "nobody can manage", false, false},
		{"the check again", "AWS::KMS::Key", `BypassPolicyLockoutSafetyCheck: true`, `BypassPolicyLockoutSafetyCheck: false`, "", false, false},
		{"a locked bucket", "AWS::S3::Bucket", `BucketName: a`, `BucketName: a, ObjectLockEnabled: true`, "which can never be taken off", false, false},
		{"a locked vault", "AWS::Backup::BackupVault", `BackupVaultName: a`, `BackupVaultName: a, LockConfiguration: {MinRetentionDays: 7, ChangeableForDays: 3}`, "locked for ever in 3 days", false, false},
		{"a vault whose lock can be opened", "AWS::Backup::BackupVault", `BackupVaultName: a`, `BackupVaultName: a, LockConfiguration: {MinRetentionDays: 7}`, "", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := only(OneWay, Check(change(t, resource(test.kind, test.before), resource(test.kind, test.after))))
			if test.want == "" {
				if len(found) > 0 {
					t.Fatalf("found %q", found[0].What)
				}
				return
			}
			if len(found) != 1 || found[0].Subject != "Data/R" || !strings.Contains(found[0].What, test.want) || found[0].Snapshot != test.snapshot || found[0].Fails != test.fails || len(found[0].Steps) == 0 {
				t.Fatalf("found %+v, want %q", found, test.want)
			}
			stays := len(found[0].Steps) == 1 && strings.HasPrefix(found[0].Steps[0], "keep ")
			if last := found[0].LastResort; strings.HasPrefix(last, "or ") != stays || strings.HasPrefix(last, "then ") == stays {
				t.Errorf("after %q: %q", found[0].Steps, last)
			}
		})
		for i, kind := range irreversibles {
			facts := change(t, resource(test.kind, test.before), resource(test.kind, test.after))
			for _, c := range facts.oneWayChanges() {
				tested[i] = tested[i] || c.kind.path == kind.path && slices.Equal(c.kind.types, kind.types)
			}
		}
	}
	for i, kind := range irreversibles {
		if !tested[i] {
			t.Errorf("no test finds a change of %s of %s", kind.path, kind.types)
		}
	}
}

func only(code Code, findings []Finding) []Finding {
	return slices.DeleteFunc(findings, func(f Finding) bool { return f.Code != code })
}

// What is new has nothing to go back to.
func TestAFirstCreationIsNoOneWayChange(t *testing.T) {
	if found := Check(change(t, "", resource("AWS::RDS::DBCluster", `EngineVersion: "17.9"`))); found != nil {
		t.Errorf("a new stack: %+v", found)
	}
	facts := change(t, resources(`  X: {Type: "AWS::SNS::Topic"}`), resource("AWS::RDS::DBCluster", `EngineVersion: "17.9"`))
	if found := only(OneWay, Check(facts)); len(found) > 0 {
		t.Errorf("a new cluster: %+v", found)
	}
}

func TestAnAddressThatIsGivenBack(t *testing.T) {
	with := resources("  Ip: {Type: \"AWS::EC2::EIP\"}\n  X: {Type: \"AWS::SNS::Topic\"}\n")
	without := resources("  X: {Type: \"AWS::SNS::Topic\"}\n")
	if found := Check(change(t, with, without)); len(found) != 1 || found[0].Key() != "one-way/Data/Ip" {
		t.Errorf("found %+v", found)
	}
	if found := Check(change(t, without, with)); len(found) > 0 {
		t.Errorf("a new address: %+v", found)
	}
}

func TestAThroughputModeThatChangesIsNoted(t *testing.T) {
	const files = "AWS::EFS::FileSystem"
	notes := OneWayNotes(change(t, resource(files, "ThroughputMode: bursting"), resource(files, "ThroughputMode: elastic")))
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "Data/R: EFS changes the throughput mode once in 24 hours") {
		t.Errorf("notes %q", notes)
	}
	if notes := OneWayNotes(change(t, resource(files, "ThroughputMode: bursting"), resource(files, "ThroughputMode: bursting, Encrypted: true"))); len(notes) > 0 {
		t.Errorf("notes %q", notes)
	}
}

// engine is a stack Data whose database goes to a new major version, with all that belongs to that, and a plan for it.
func engine(t *testing.T, more string) Facts {
	const text = `
  Database: {Type: "AWS::RDS::DBCluster", Properties: {Engine: aurora-postgresql, EngineVersion: "%[2]s", DBClusterParameterGroupName: !Ref Settings%[3]s}}
  Settings: {Type: "AWS::RDS::DBClusterParameterGroup", Properties: {Family: aurora-postgresql%[1]d}}
  Writer: {Type: "AWS::RDS::DBInstance", Properties: {DBClusterIdentifier: !Ref Database}}
  Cache: {Type: "AWS::ElastiCache::ReplicationGroup", Properties: {Engine: valkey}}
`
	facts := change(t, resources(fmt.Sprintf(text, 17, "17.11", "")), resources(fmt.Sprintf(text, 18, "18.4", more)))
	facts.Changes = &changeset.Stack{
		Name: "school", Items: []changeset.Item{{Action: changeset.Change, LogicalID: "Data", Type: "AWS::CloudFormation::Stack"}},
		Children: []*changeset.Stack{{Path: address.Path{"Data"}, Items: []changeset.Item{
			{Action: changeset.Change, LogicalID: "Database", Type: "AWS::RDS::DBCluster", Stateful: true},
			{Action: changeset.Replace, LogicalID: "Settings", Type: "AWS::RDS::DBClusterParameterGroup"},
			{Action: changeset.Change, LogicalID: "Writer", Type: "AWS::RDS::DBInstance", Uncertain: true},
			{Action: changeset.Change, LogicalID: "Cache", Type: "AWS::ElastiCache::ReplicationGroup", Properties: []changeset.Property{{Path: "Properties/X", Dynamic: true}}},
		}}},
	}
	return facts
}

func TestAOneWayChangeIsAloneInItsDeployment(t *testing.T) {
	keys := func(f Facts) (all []string) {
		for _, found := range Check(f) {
			all = append(all, found.Key())
		}
		return all
	}
	if diff := cmp.Diff([]string{"one-way/Data/Database"}, keys(engine(t, ""))); diff != "" {
		t.Errorf("alone (-want +got):\n%s", diff)
	}
	facts := engine(t, ", BackupRetentionPeriod: 9")
	facts.Manifest = &manifest.Manifest{Source: "environments/school.yaml"}
	facts.Changes.Items = append(facts.Changes.Items, changeset.Item{Action: changeset.Add, LogicalID: "Alarms", Type: "AWS::CloudFormation::Stack"})
	facts.Changes.Children = append(facts.Changes.Children, &changeset.Stack{Path: address.Path{"App"}, Items: []changeset.Item{
		{Action: changeset.Change, LogicalID: "NodeGroup", Type: "AWS::AutoScaling::AutoScalingGroup"},
		{Action: changeset.Replace, LogicalID: "LaunchTemplate", Type: "AWS::EC2::LaunchTemplate"},
		{Action: changeset.Sync, LogicalID: "Role", Type: "AWS::IAM::Role"},
	}})
	want := []string{"one-way/Data/Database", "one-way/App", "one-way/Data", "one-way/school"}
	if diff := cmp.Diff(want, keys(facts)); diff != "" {
		t.Errorf("with others (-want +got):\n%s", diff)
	}
	found := Check(facts)
	for i, words := range []string{"", "LaunchTemplate, NodeGroup would change", "Database (BackupRetentionPeriod) would change", "Alarms would change"} {
		if !strings.HasPrefix(found[i].What, words) {
			t.Errorf("%s: %q, want %q", found[i].Key(), found[i].What, words)
		}
	}
	if want := "take the change of LaunchTemplate, NodeGroup out of environments/school.yaml, generate, and deploy that of Data/Database alone"; found[1].Steps[0] != want {
		t.Errorf("step %q, want %q", found[1].Steps[0], want)
	}
}

// Of two one-way changes one goes first: the one that concerns data.
func TestTwoOneWayChangesGoOneAfterAnother(t *testing.T) {
	const text = `  Cache: {Type: "AWS::ElastiCache::ReplicationGroup", Properties: {Engine: valkey, EngineVersion: "%s"}}
  Database: {Type: "AWS::RDS::DBCluster", Properties: {Engine: aurora-postgresql, EngineVersion: "%s"}}`
	facts := change(t, resources(fmt.Sprintf(text, "8.0", "17.9")), resources(fmt.Sprintf(text, "8.1", "17.11")))
	facts.Changes = &changeset.Stack{Children: []*changeset.Stack{{Path: address.Path{"Data"}, Items: []changeset.Item{
		{Action: changeset.Change, LogicalID: "Cache", Type: "AWS::ElastiCache::ReplicationGroup"},
		{Action: changeset.Change, LogicalID: "Database", Type: "AWS::RDS::DBCluster"},
	}}}}
	found := only(OneWay, Check(facts))
	if len(found) != 3 || !strings.HasPrefix(found[2].What, "Cache would change in the same deployment as Data/Database") {
		t.Errorf("found %+v", found)
	}
	if diff := cmp.Diff([]address.Resource{address.Path{"Data"}.Resource("Database")}, Snapshots(found)); diff != "" {
		t.Errorf("snapshots (-want +got):\n%s", diff)
	}
}

// A database that was restored keeps the name of its snapshot for as long as it lives.
func TestADatabaseThatForgetsItsSnapshot(t *testing.T) {
	const cluster = "AWS::RDS::DBCluster"
	for name, test := range map[string]struct{ before, after, want string }{
		"the snapshot goes":                    {resource(cluster, `SnapshotIdentifier: old, Port: 1`), resource(cluster, `Port: 1`), "restored from old, which the template no longer names: AWS makes a new, empty one"},
		"another snapshot":                     {resource(cluster, `SnapshotIdentifier: old`), resource(cluster, `SnapshotIdentifier: new`), "AWS makes a new one from new"},
		"another logical id":                   {resources(`  FromSnapshot: {Type: "AWS::RDS::DBCluster", Properties: {SnapshotIdentifier: old}}`), resource(cluster, `Port: 1`), "AWS makes a new, empty one"},
		"another logical id, another snapshot": {resources(`  FromSnapshot: {Type: "AWS::RDS::DBCluster", Properties: {SnapshotIdentifier: old}}`), resource(cluster, `SnapshotIdentifier: new`), "AWS makes a new one from new"},
		"an instance":                          {resource("AWS::RDS::DBInstance", `DBSnapshotIdentifier: old, Port: 1`), resource("AWS::RDS::DBInstance", `Port: 1`), "AWS makes a new, empty one"},
		"it stays":                             {resource(cluster, `SnapshotIdentifier: old`), resource(cluster, `SnapshotIdentifier: old, Port: 1`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			facts := change(t, test.before, test.after)
			facts.Manifest = &manifest.Manifest{Source: "environments/school.yaml", Application: &manifest.Application{Keys: map[string]string{"AWS::RDS::DBCluster.SnapshotIdentifier": "database.snapshot"}}}
			found := only(DataLoss, Check(facts))
			if test.want == "" {
				if len(found) > 0 {
					t.Errorf("found %+v", found)
				}
				return
			}
			if len(found) != 1 || !strings.Contains(found[0].What, test.want) || !strings.Contains(found[0].What, "deletes this one") {
				t.Fatalf("found %+v, want %q", found, test.want)
			}
			if name != "an instance" && !strings.HasPrefix(found[0].Steps[0], "keep database.snapshot as it was in environments/school.yaml") {
				t.Errorf("step %q", found[0].Steps[0])
			}
		})
	}
}

// A plan that calls it a replacement is one finding with both.
func TestWhatBecomesOfARestoredDatabaseIsSaidOnce(t *testing.T) {
	facts := change(t, resource("AWS::RDS::DBCluster", `SnapshotIdentifier: old, Port: 1`), resource("AWS::RDS::DBCluster", `Port: 1`))
	facts.Changes = &changeset.Stack{Children: []*changeset.Stack{{Path: address.Path{"Data"}, Items: []changeset.Item{
		{Action: changeset.Replace, LogicalID: "R", Type: "AWS::RDS::DBCluster", Stateful: true, PolicyAction: changeset.PolicySnapshot},
	}}}}
	found := Check(facts)
	if len(found) != 1 || !strings.Contains(found[0].What, "empty one, and deletes this one") || !strings.Contains(found[0].What, "; AWS::RDS::DBCluster is replaced by a new, empty one; the old one, with its data, is deleted after a snapshot") {
		t.Errorf("found %+v", found)
	}
}

// ElastiCache refuses an older engine, whoever accepts it.
func TestACacheNeverGoesBack(t *testing.T) {
	const cache = "AWS::ElastiCache::ReplicationGroup"
	for _, test := range []struct{ before, after, want string }{
		{`Engine: valkey, EngineVersion: "8.1"`, `Engine: valkey, EngineVersion: "8.0"`, "from valkey 8.1 to valkey 8.0"},
		{`Engine: valkey, EngineVersion: "7.2"`, `Engine: redis, EngineVersion: "7.1"`, "from valkey 7.2 to redis 7.1"},
	} {
		found := Check(change(t, resource(cache, test.before), resource(cache, test.after)))
		if len(found) != 1 || found[0].Key() != "downgrade/Data/R" || !found[0].Fails || !strings.Contains(found[0].What, test.want) {
			t.Errorf("found %+v, want %q", found, test.want)
		}
	}
}

func TestAKeysDaysOfGrace(t *testing.T) {
	for _, test := range []struct {
		before, after string
		found         bool
	}{
		{"PendingWindowInDays: 30", "PendingWindowInDays: 7", true}, {"Enabled: true", "PendingWindowInDays: 7", true},
		{"PendingWindowInDays: 7", "Enabled: true", false}, {"PendingWindowInDays: 30", "Enabled: true", false},
	} {
		found := only(ProtectionRemoved, Check(change(t, resource("AWS::KMS::Key", test.before), resource("AWS::KMS::Key", test.after))))
		if (len(found) == 1) != test.found {
			t.Errorf("%s, then %s: found %+v", test.before, test.after, found)
		}
	}
}
