package deployment

import (
	"testing"

	"distributed-moodle/internal/changeset"
)

func TestSameTemplate(t *testing.T) {
	const a = "# why\nResources:\n  A: {Type: X, Value: !Ref B}\n"
	for b, want := range map[string]bool{
		a: true, "Resources:\n  A:\n    Type: X # here\n    Value: !Ref B\n": true,
		"Resources:\n  A: {Type: X, Value: !Sub B}\n": false, "Resources:\n  A: {Type: X, Value: B}\n": false,
		"Resources:\n  A: {Type: X}\n": false, "": false, ": not yaml {": false,
	} {
		if got := sameTemplate(a, b); got != want {
			t.Errorf("the same as %q is %v", b, got)
		}
	}
}

func TestFates(t *testing.T) {
	resources, err := resourcesOf(`
Resources:
  Kept: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}
  KeptOnceMade: {Type: AWS::EFS::FileSystem, DeletionPolicy: RetainExceptOnCreate, Properties: {KmsKeyId: !GetAtt Key.Arn}}
  Copied: {Type: AWS::RDS::DBCluster, DeletionPolicy: Snapshot}
  Plain: {Type: AWS::S3::Bucket}
  Cluster: {Type: AWS::RDS::DBCluster}
  Member: {Type: AWS::RDS::DBInstance, Properties: {DBClusterIdentifier: !Ref Cluster}}
  Alone: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres}}
  Thrown: {Type: AWS::RDS::DBCluster, DeletionPolicy: Delete}
`)
	if err != nil {
		t.Fatal(err)
	}
	for id, test := range map[string]struct {
		kind string
		want changeset.Fate
	}{
		"Kept": {"AWS::S3::Bucket", changeset.Retained}, "KeptOnceMade": {"AWS::EFS::FileSystem", changeset.Retained},
		"Copied": {"AWS::RDS::DBCluster", changeset.Snapshot}, "Plain": {"AWS::S3::Bucket", changeset.Deleted},
		"Cluster": {"AWS::RDS::DBCluster", changeset.Snapshot}, "Member": {"AWS::RDS::DBInstance", changeset.Deleted},
		"Alone": {"AWS::RDS::DBInstance", changeset.Snapshot}, "Thrown": {"AWS::RDS::DBCluster", changeset.Deleted},
	} {
		if got := resources[id].fate(test.kind); got != test.want {
			t.Errorf("%s is %s, want %s", id, got, test.want)
		}
	}
}
