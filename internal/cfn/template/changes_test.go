package template

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/changeset"
)

// sketch is changes in few words, a line each.
func sketch(items []changeset.Item) string {
	var b strings.Builder
	for _, i := range items {
		fmt.Fprintf(&b, "%c %s %s", rune(i.Action), i.LogicalID, i.PolicyAction)
		if i.Uncertain {
			b.WriteString(" uncertain")
		}
		if i.LosesData() {
			b.WriteString(" LOSES DATA")
		}
		for _, p := range i.Properties {
			fmt.Fprintf(&b, "; %s %q→%q", p.Path, p.Before, p.After)
			if p.Cause != "" {
				b.WriteString(" by " + p.Cause)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

const deployed = `
Parameters: {Size: {Type: String}}
Resources:
  Key: {Type: "AWS::KMS::Key", Properties: {Description: a}}
  Subnets:
    Type: AWS::RDS::DBSubnetGroup
    Properties: {DBSubnetGroupName: one, SubnetIds: [a, b]}
  Database:
    Type: AWS::RDS::DBCluster
    DeletionPolicy: Snapshot
    UpdateReplacePolicy: Snapshot
    Properties: {DBSubnetGroupName: !Ref Subnets, BackupRetentionPeriod: 7, MasterUsername: a, MasterUserPassword: "old"}
  Replica:
    Type: AWS::RDS::DBInstance
    Properties: {DBClusterIdentifier: !Ref Database, DBInstanceClass: !Ref Size}
  Files: {Type: "AWS::EFS::FileSystem", DeletionPolicy: Retain, Properties: {Encrypted: true}}
  Uses: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: !Sub "${Database.Endpoint.Address}"}}
  Apart: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: !Sub "${AWS::Region}"}}
`

func TestChanges(t *testing.T) {
	for _, test := range []struct{ name, from, to, want string }{
		{"nothing", "", "", ""},
		{"a number as text", "BackupRetentionPeriod: 7", `BackupRetentionPeriod: "7"`, ""},
		{"only the order", "  Files: {", "  Files: {DependsOn: Key, ", ""},
		{"a secret in place, and what hangs on an attribute", `MasterUserPassword: "old"`, `MasterUserPassword: "new"`, `~ Database ; Properties/MasterUserPassword "(hidden)"→"(hidden)"
~ Uses  uncertain; Properties/Value ""→"" by Database.Endpoint.Address
`},
		{"a replacement carries through a reference", "DBSubnetGroupName: one", "DBSubnetGroupName: two", `? Database Snapshot uncertain; Properties/DBSubnetGroupName ""→"" by Subnets
? Replica Delete uncertain LOSES DATA; Properties/DBClusterIdentifier ""→"" by Database
± Subnets Delete; Properties/DBSubnetGroupName "one"→"two"
~ Uses  uncertain; Properties/Value ""→"" by Database.Endpoint.Address
`},
		{"a value that an intrinsic works out", "MasterUsername: a", "MasterUsername: !Sub a", `? Database Snapshot; Properties/MasterUsername "a"→"!Sub a"
? Replica Delete uncertain LOSES DATA; Properties/DBClusterIdentifier ""→"" by Database
~ Uses  uncertain; Properties/Value ""→"" by Database.Endpoint.Address
`},
		{"removed, the policy from what is deployed", `  Files: {Type: "AWS::EFS::FileSystem", DeletionPolicy: Retain, Properties: {Encrypted: true}}`, "", "- Files Retain\n"},
		{"another type under the same name", `"AWS::EFS::FileSystem"`, `"AWS::SNS::Topic"`, `± Files Delete LOSES DATA; Type "AWS::EFS::FileSystem"→"AWS::SNS::Topic"
`},
		{"only a policy", "DeletionPolicy: Retain", "DeletionPolicy: Delete", `~ Files ; DeletionPolicy "Retain"→"Delete"
`},
		{"only words", "  Database:\n", "  Database:\n    Metadata: {a: b}\n", "~ Database ; Metadata \"\"→\"\"\n"},
		{"added", "  Apart:", "  More: {Type: \"AWS::SNS::Topic\"}\n  Apart:", "+ More \n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Pair{Old: parse(t, deployed), New: parse(t, strings.Replace(deployed, test.from, test.to, 1))}
			if diff := cmp.Diff(test.want, sketch(p.Changes(nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAStackThatIsNewOrGoes(t *testing.T) {
	whole := parse(t, deployed)
	for _, i := range (Pair{New: whole}).Changes(nil) {
		if i.Action != changeset.Add {
			t.Errorf("%s is %s", i.LogicalID, i.Action)
		}
	}
	want := `- Apart Delete
- Database Snapshot
- Files Retain
- Key Delete LOSES DATA
- Replica Delete LOSES DATA
- Subnets Delete
- Uses Delete
`
	if diff := cmp.Diff(want, sketch(Pair{Old: whole}.Changes(nil))); diff != "" {
		t.Error(diff)
	}
}

// What a parent hands down may be another value than before.
func TestAParameterPerhapsChanges(t *testing.T) {
	whole := parse(t, deployed)
	want := "~ Replica  uncertain; Properties/DBInstanceClass \"\"→\"\" by Size\n"
	if diff := cmp.Diff(want, sketch(Pair{Old: whole, New: whole, MayChange: []string{"Size"}}.Changes(nil))); diff != "" {
		t.Error(diff)
	}
}

// A stack within the stack is not looked into, so nobody can say what becomes of what it holds.
func TestAStackWithinIsNotComparedAndMayLoseData(t *testing.T) {
	const inner = "Resources:\n  Inner: {Type: \"AWS::CloudFormation::Stack\", Properties: {TemplateURL: one}}\n"
	p := Pair{Old: parse(t, inner), New: parse(t, strings.Replace(inner, "one", "two", 1))}
	if items := p.Changes(nil); len(items) != 1 || items[0].Action != changeset.Dynamic || !items[0].LosesData() {
		t.Errorf("changes %+v", items)
	}
}
