package template

import (
	"testing"

	"distributed-moodle/internal/cfn/changeset"
)

func TestFates(t *testing.T) {
	template := parse(t, `
Resources:
  Kept: {Type: "AWS::S3::Bucket", DeletionPolicy: Retain}
  KeptOnceMade: {Type: "AWS::EFS::FileSystem", DeletionPolicy: RetainExceptOnCreate, Properties: {KmsKeyId: !GetAtt Key.Arn}}
  Copied: {Type: "AWS::RDS::DBCluster", DeletionPolicy: Snapshot}
  Plain: {Type: "AWS::S3::Bucket"}
  Cluster: {Type: "AWS::RDS::DBCluster"}
  Member: {Type: "AWS::RDS::DBInstance", Properties: {DBClusterIdentifier: !Ref Cluster}}
  Alone: {Type: "AWS::RDS::DBInstance", Properties: {Engine: postgres}}
  Thrown: {Type: "AWS::RDS::DBCluster", DeletionPolicy: Delete}
`)
	for id, want := range map[string]changeset.PolicyAction{
		"Kept": changeset.PolicyRetain, "KeptOnceMade": changeset.PolicyRetain,
		"Copied": changeset.PolicySnapshot, "Plain": changeset.PolicyDelete,
		"Cluster": changeset.PolicySnapshot, "Member": changeset.PolicyDelete,
		"Alone": changeset.PolicySnapshot, "Thrown": changeset.PolicyDelete,
	} {
		if got := template.Resource(id).OnDeletion(); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
}
