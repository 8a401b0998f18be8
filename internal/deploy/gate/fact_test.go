package gate

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/stateful"
)

// A reason that was given for one weakening does not cover what weakens the same resource later.
func TestAChecksumIsOfWhatIsFound(t *testing.T) {
	const db = "AWS::RDS::DBCluster"
	deployed := resource(db, `BackupRetentionPeriod: 14, DeletionProtection: true`)
	digest := func(planned string) string {
		found := Check(change(t, deployed, planned))
		if len(found) != 1 || found[0].Key() != "protection-removed/Data/R" || !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(found[0].Checksum) {
			t.Fatalf("found %+v", found)
		}
		return found[0].Checksum
	}
	shorter := digest(resource(db, `BackupRetentionPeriod: 7, DeletionProtection: true`))
	for name, planned := range map[string]string{
		"one more":         resource(db, `BackupRetentionPeriod: 7`),
		"one instead":      resource(db, `BackupRetentionPeriod: 14, DeletionProtection: false`),
		"a smaller number": resource(db, `BackupRetentionPeriod: 1, DeletionProtection: true`),
	} {
		if digest(planned) == shorter {
			t.Errorf("%s has the digest of 14 to 7 days", name)
		}
	}
	accepted := Acceptance{Code: ProtectionRemoved, Subject: "Data/R", Reason: "seven are enough", Checksum: shorter}
	for planned, covered := range map[string]bool{
		resource(db, `DeletionProtection: true, BackupRetentionPeriod: 7`): true,
		resource(db, `BackupRetentionPeriod: 7`):                           false,
	} {
		if got := accepted.Covers(Check(change(t, deployed, planned))[0]); got != covered {
			t.Errorf("covers %s: %v, want %v", planned, got, covered)
		}
	}
}

// A digest is not of the sentence, nor of the order in which things are found.
func TestAChecksumIsNotOfWordsAndOrder(t *testing.T) {
	one := Finding{Code: Certificate, Subject: "App/C", What: "a", Facts: Kind("not issued", "")}
	two := Finding{Code: Certificate, Subject: "App/C", What: "b", Facts: Kind("private zone", "")}
	reworded := one
	reworded.What, reworded.Steps = "in other words", []string{"do something else"}
	want := Check(Facts{Observed: []Finding{one, two}})[0].Checksum
	for name, observed := range map[string][]Finding{
		"in another order": {two, one}, "in other words": {reworded, two}, "twice": {one, two, one},
	} {
		if got := Check(Facts{Observed: observed})[0].Checksum; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := Check(Facts{Observed: []Finding{one}})[0].Checksum; got == want {
		t.Error("one of the two has the digest of both")
	}
}

// What is lost is the same thing whatever the physical ids are; another fate of it is another thing.
func TestAChecksumOfLostDataIsOfItsFate(t *testing.T) {
	digest := func(physicalID string, fate changeset.PolicyAction) string {
		root := tree(changeset.Replace, fate)
		for _, s := range root.Children {
			for i := range s.Items {
				s.Items[i].PhysicalID = physicalID
			}
		}
		return Check(Facts{Changes: root})[0].Checksum
	}
	one := digest("fs-1", changeset.PolicyRetain)
	if digest("fs-2", changeset.PolicyRetain) != one {
		t.Error("another physical id gives another digest")
	}
	if digest("fs-1", changeset.PolicyDelete) == one {
		t.Error("what is deleted has the digest of what is kept")
	}
	inner := resources("  A: {Type: 'AWS::S3::Bucket'}\n")
	with := func(text string) string {
		root := &changeset.Stack{Items: []changeset.Item{{Action: changeset.Remove, LogicalID: "Data", Type: stateful.NestedStack, PolicyAction: changeset.PolicyDelete, Stateful: true}}}
		facts := change(t, text, "")
		facts.Changes = root
		return Check(facts)[0].Checksum
	}
	if with(inner) == with(inner+"  B: {Type: 'AWS::EFS::FileSystem'}\n") {
		t.Error("a stack that takes more data along has the same digest")
	}
}

// Every finding of a gate says what it is about, so that no digest is of a code and a subject alone.
func TestEveryFindingHasFacts(t *testing.T) {
	var found []Finding
	for _, pair := range [][2]string{
		{resource("AWS::EC2::SecurityGroupIngress", `CidrIp: 10.0.0.0/8`), resource("AWS::EC2::SecurityGroupIngress", `CidrIp: 0.0.0.0/0`)},
		{resource("AWS::S3::Bucket", `PublicAccessBlockConfiguration: {BlockPublicAcls: true}`), resource("AWS::S3::Bucket", `BucketName: b`)},
		{resource("AWS::IAM::Policy", `PolicyDocument: {Statement: []}`), resource("AWS::IAM::Policy", `PolicyDocument: {Statement: {Effect: Allow, Action: a, Resource: b}}`)},
		{resource("AWS::AutoScaling::AutoScalingGroup", `MaxSize: 10`), resource("AWS::AutoScaling::AutoScalingGroup", `MaxSize: 2`)},
		{resource("AWS::RDS::DBCluster", `SnapshotIdentifier: a, EngineVersion: "16"`), resource("AWS::RDS::DBCluster", `EngineVersion: "17"`)},
		{resource("AWS::RDS::DBCluster", `EngineVersion: "17"`), resource("AWS::RDS::DBCluster", `EngineVersion: "16"`)},
		{resource("AWS::ElastiCache::ReplicationGroup", `Engine: valkey`), resource("AWS::ElastiCache::ReplicationGroup", `Engine: redis`)},
		{resource("AWS::EC2::EIP", `Domain: vpc`), resources("  X: {Type: 'AWS::SNS::Topic'}\n")},
		{moodle(`"5.2"`), moodle(`"5.3"`)},
	} {
		facts := change(t, pair[0], pair[1])
		facts.Changes = tree(changeset.Replace, changeset.PolicyDelete)
		found = append(found, Check(facts)...)
	}
	var codes []string
	for _, f := range found {
		codes = append(codes, string(f.Code))
		if len(f.Facts) == 0 {
			t.Errorf("%s says nothing of what it is about: %s", f.Key(), f.What)
		}
	}
	slices.Sort(codes)
	want := "access-widened capacity-cut data-loss downgrade iam-widened one-way upgrade"
	if got := strings.Join(slices.Compact(codes), " "); got != want {
		t.Errorf("found %s, want %s", got, want)
	}
}
