package template

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func parse(t *testing.T, text string) Template {
	t.Helper()
	m, err := Parse([]byte(text))
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

func TestResources(t *testing.T) {
	type row struct {
		ID, Path, Old, New string
		Replaces           Replaces
	}
	var got []row
	for _, r := range Resources(parse(t, before), parse(t, after)) {
		if r.Old == nil || r.New == nil {
			got = append(got, row{ID: r.ID, Path: map[bool]string{true: "added", false: "removed"}[r.Old == nil]})
		}
		for _, p := range append(r.Properties, r.Attributes...) {
			got = append(got, row{r.ID, p.Path, Text(p.Old), Text(p.New), p.Replaces})
		}
	}
	want := []row{
		{"Files", "DeletionPolicy", "Retain", "Delete", No},
		{ID: "Gone", Path: "removed"},
		{"Group", "SecurityGroupIngress.0.CidrIp", "10.0.0.0/8", "0.0.0.0/0", No},
		{"Group", "SecurityGroupIngress.1.CidrIp", "", "!GetAtt Vpc.CidrBlock", No},
		{"Group", "SecurityGroupIngress.1.FromPort", "", "443", No},
		{"Group", "SecurityGroupIngress.1.IpProtocol", "", "tcp", No},
		{ID: "New", Path: "added"},
		{"Vpc", "CidrBlock", "10.0.0.0/16", "10.1.0.0/16", Yes},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLinks(t *testing.T) {
	b := parse(t, before)
	if e := Exports(b)["site-VpcId"]; e.Key != "VpcId" || !RefersTo(e.Value, "Vpc") || RefersTo(e.Value, "Group") {
		t.Errorf("export is %+v", e)
	}
	if !RefersTo(mapOf(section(b, "Outputs")["Address"])["Value"], "Vpc") {
		t.Error("a !Sub of a resource's attribute does not refer to it")
	}
	if v, ok := Output(b, "Version"); !ok || v != "5.3" {
		t.Errorf("Version is %q, %v", v, ok)
	}
	if _, ok := Output(b, "VpcId"); ok {
		t.Error("a !Ref is said to be literal")
	}
	importer := parse(t, `{Resources: {A: {Type: T, Properties: {X: [!ImportValue site-VpcId, {Fn::Sub: ["${V}", {V: !ImportValue other}]}]}}}}`)
	if diff := cmp.Diff(map[string]bool{"site-VpcId": true, "other": true}, Imports(importer)); diff != "" {
		t.Errorf("imports (-want +got):\n%s", diff)
	}
}

func TestATypeNobodyKnowsIsPerhapsReplaced(t *testing.T) {
	old := parse(t, `{Resources: {A: {Type: "Custom::X", Properties: {P: 1}}}}`)
	got := Resources(old, parse(t, `{Resources: {A: {Type: "Custom::X", Properties: {P: 2}}}}`))
	if got[0].Replaced() != Perhaps {
		t.Errorf("is %v", got[0].Replaced())
	}
	if got := Resources(old, parse(t, `{Resources: {A: {Type: "Custom::Y"}}}`)); got[0].Replaced() != Yes {
		t.Errorf("another type is %v", got[0].Replaced())
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
