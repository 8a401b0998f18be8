package template

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"distributed-moodle/internal/cfn/changeset"
)

func parse(t *testing.T, text string) *Template {
	t.Helper()
	m, err := Parse("template.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const before = `
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16, EnableDnsSupport: true}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: d
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 80, CidrIp: 10.0.0.0/8}
  Files:
    Type: AWS::EFS::FileSystem
    DeletionPolicy: Retain
    Properties: {Encrypted: true}
  Gone: {Type: "AWS::SNS::Topic"}
  Same: {Type: "AWS::SNS::Topic"}
Outputs:
  VpcId: {Value: !Ref Vpc, Export: {Name: site-VpcId}}
  Address: {Value: !Sub "http://${Vpc.CidrBlock}/x"}
  Version: {Value: "5.3"}
`

const after = `
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Metadata: {a: b}
    Properties: {CidrBlock: 10.1.0.0/16, EnableDnsSupport: true}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: d
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 80, CidrIp: 0.0.0.0/0}
        - {IpProtocol: tcp, FromPort: 443, CidrIp: !GetAtt Vpc.CidrBlock}
  Files:
    Type: AWS::EFS::FileSystem
    DeletionPolicy: Delete
    Properties: {Encrypted: true}
  New: {Type: "Custom::Thing"}
  Same: {Type: "AWS::SNS::Topic", Metadata: {only: metadata}}
`

func TestDifferences(t *testing.T) {
	type row struct {
		ID, Path, Old, New string
		Recreation         changeset.Recreation
	}
	var got []row
	for _, d := range Differences(parse(t, before), parse(t, after)) {
		if !d.Old.Exists() || !d.New.Exists() {
			got = append(got, row{ID: d.LogicalID, Path: map[bool]string{true: "added", false: "removed"}[d.New.Exists()]})
		}
		for _, p := range append(d.Properties, d.Attributes...) {
			got = append(got, row{d.LogicalID, p.Path, p.Old.String(), p.New.String(), p.Recreation})
		}
	}
	want := []row{
		{"Files", "DeletionPolicy", "Retain", "Delete", changeset.Never},
		{ID: "Gone", Path: "removed"},
		{"Group", "SecurityGroupIngress.0.CidrIp", "10.0.0.0/8", "0.0.0.0/0", changeset.Never},
		{"Group", "SecurityGroupIngress.1.CidrIp", "", "!GetAtt Vpc.CidrBlock", changeset.Never},
		{"Group", "SecurityGroupIngress.1.FromPort", "", "443", changeset.Never},
		{"Group", "SecurityGroupIngress.1.IpProtocol", "", "tcp", changeset.Never},
		{ID: "New", Path: "added"},
		{"Vpc", "CidrBlock", "10.0.0.0/16", "10.1.0.0/16", changeset.Always},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The first property of a resource that had none may replace it like any other.
func TestTheFirstPropertyIsOneByItself(t *testing.T) {
	bare := parse(t, `{Resources: {A: {Type: "AWS::SNS::Topic"}}}`)
	named := parse(t, `{Resources: {A: {Type: "AWS::SNS::Topic", Properties: {TopicName: a}}}}`)
	for _, d := range [][]Difference{Differences(bare, named), Differences(named, bare)} {
		if len(d) != 1 || len(d[0].Properties) != 1 || d[0].Properties[0].Path != "TopicName" || d[0].Properties[0].Recreation != changeset.Always {
			t.Errorf("differences %+v", d)
		}
	}
}

func TestAPropertyThatIsTakenAwayIsNotThere(t *testing.T) {
	bare := parse(t, `{Resources: {A: {Type: T, Properties: {L: [{P: 1}]}}}}`)
	without := parse(t, `{Resources: {A: {Type: T, Properties: {Q: !Ref AWS::NoValue, L: [{P: 1, R: {Ref: "AWS::NoValue"}}]}}}}`)
	with := parse(t, `{Resources: {A: {Type: T, Properties: {Q: 1, L: [{P: 1}]}}}}`)
	if d := Differences(bare, without); len(d) != 0 {
		t.Errorf("differences %+v", d)
	}
	if d := Differences(with, without); len(d) != 1 || d[0].Properties[0].New.Exists() {
		t.Errorf("differences %+v", d)
	}
}

func TestDependsOnIsASet(t *testing.T) {
	one := parse(t, `{Resources: {A: {Type: T, DependsOn: B}}}`)
	if d := Differences(one, parse(t, `{Resources: {A: {Type: T, DependsOn: [B]}}}`)); len(d) != 0 {
		t.Errorf("one text and a list of it differ: %+v", d)
	}
	if d := Differences(one, parse(t, `{Resources: {A: {Type: T, DependsOn: [C, B]}}}`)); len(d) != 1 {
		t.Error("a second name is not seen")
	}
	if diff := cmp.Diff([]string{"B", "C"}, parse(t, `{Resources: {A: {Type: T, DependsOn: [C, B, C]}}}`).Resource("A").DependsOn()); diff != "" {
		t.Error(diff)
	}
}

func TestATypeNobodyKnowsIsPerhapsReplaced(t *testing.T) {
	old := parse(t, `{Resources: {A: {Type: "Custom::X", Properties: {P: 1}}}}`)
	d := Differences(old, parse(t, `{Resources: {A: {Type: "Custom::X", Properties: {P: 2}}}}`))
	if d[0].Properties[0].Recreation != changeset.Conditionally {
		t.Errorf("is %v", d[0].Properties[0].Recreation)
	}
}

// Whatever differs is reported, and what is the same is not.
func TestNothingIsOverlooked(t *testing.T) {
	leaf := rapid.OneOf(rapid.Map(rapid.IntRange(0, 2), func(i int) any { return i }), rapid.Just[any](map[string]any{"Ref": "A"}), rapid.Just[any](map[string]any{"Ref": "B"}))
	value := rapid.Deferred(func() *rapid.Generator[any] {
		return rapid.OneOf(leaf,
			rapid.Map(rapid.SliceOfN(leaf, 1, 3), func(v []any) any { return v }),
			rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b"}), leaf, 1, 2), func(v map[string]any) any { return v }))
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := value.Draw(t, "a"), value.Draw(t, "b")
		n := 0
		differ("P", a, b, func(string, any, any) { n++ })
		if same := cmp.Equal(a, b); same != (n == 0) {
			t.Fatalf("%v against %v: %d differences", a, b, n)
		}
	})
}
