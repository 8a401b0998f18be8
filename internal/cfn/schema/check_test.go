package schema

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var template map[string]any
	if err := yaml.Unmarshal([]byte(text), &template); err != nil {
		t.Fatal(err)
	}
	return template
}

func TestCheckFindsNothingInAGoodTemplate(t *testing.T) {
	text, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range Check(decode(t, string(text))) {
		t.Error(problem)
	}
}

// A row's template is the properties of one resource X, of the type given, beside a Vpc.
var propertyRows = []struct{ name, typeName, properties, want string }{
	{"unknown type", "AWS::EFS::Filesytem", "{}",
		"X.Type: unknown type AWS::EFS::Filesytem, did you mean AWS::EFS::FileSystem?"},
	{"unknown property", "AWS::EFS::FileSystem", "{Encryptd: true}",
		"X.Properties.Encryptd: no such property, did you mean Encrypted?"},
	{"unknown property far from all", "AWS::EFS::FileSystem", "{Colour: blue}",
		"X.Properties.Colour: no such property"},
	{"unknown property in a list", "AWS::EFS::FileSystem", "{LifecyclePolicies: [{TransitionToIA: AFTER_7_DAYS}, {TransitionToCold: AFTER_7_DAYS}]}",
		"X.Properties.LifecyclePolicies[1].TransitionToCold: no such property, did you mean TransitionToIA?"},
	{"required", "AWS::EC2::Subnet", "{CidrBlock: 10.0.0.0/20}",
		"X.Properties.VpcId: is required and missing"},
	{"required, with no properties at all", "AWS::EC2::RouteTable", "null",
		"X.Properties: null is not allowed in a template"},
	{"required and taken away", "AWS::EC2::RouteTable", "{VpcId: {Ref: 'AWS::NoValue'}}",
		"X.Properties.VpcId: is required and missing"},
	{"required and nested", "AWS::EC2::VPC", "{CidrBlock: 10.0.0.0/16, Tags: [{Key: Name}]}",
		"X.Properties.Tags[0].Value: is required and missing"},
	{"read only", "AWS::EC2::VPC", "{VpcId: vpc-1}",
		"X.Properties.VpcId: is set by AWS, a template can't"},
	{"a number for text", "AWS::RDS::DBCluster", "{EngineVersion: 17.10}",
		"X.Properties.EngineVersion: is text, not the number 17.1"},
	{"a date for text", "AWS::EC2::VPC", "{CidrBlock: 2012-10-17}",
		"X.Properties.CidrBlock: is text, not the unquoted 2012-10-17 00:00:00 +0000 UTC"},
	{"text for a number", "AWS::RDS::DBCluster", "{Port: '5432'}",
		`X.Properties.Port: is an integer, not the text "5432"`},
	{"text for a boolean", "AWS::EFS::FileSystem", "{Encrypted: 'yes'}",
		`X.Properties.Encrypted: is a boolean, not the text "yes"`},
	{"a fraction for an integer", "AWS::RDS::DBCluster", "{Port: 5432.5}",
		"X.Properties.Port: is an integer, not the number 5432.5"},
	{"in a branch of Fn::If", "AWS::RDS::DBCluster", "{Port: {'Fn::If': [C, 5432, many]}}",
		`X.Properties.Port: is an integer, not the text "many"`},
	{"text for a list", "AWS::RDS::DBCluster", "{VpcSecurityGroupIds: sg-1}",
		`X.Properties.VpcSecurityGroupIds: is a list, not the text "sg-1"`},
	{"a list for an object", "AWS::EFS::FileSystem", "{BackupPolicy: [ENABLED]}",
		"X.Properties.BackupPolicy: is an object with Status, not a list"},
	{"text for a map", "AWS::SSM::Parameter", "{Type: String, Value: x, Tags: x}",
		`X.Properties.Tags: is a map, not the text "x"`},
	{"wrong in a map", "AWS::SSM::Parameter", "{Type: String, Value: x, Tags: {Name: 5}}",
		"X.Properties.Tags.Name: is text, not the number 5"},
	{"not of the enumeration", "AWS::EFS::FileSystem", "{ThroughputMode: elasticated}",
		"X.Properties.ThroughputMode: is one of bursting, elastic, provisioned, not elasticated"},
	{"a list-valued function as an item", "AWS::AutoScaling::AutoScalingGroup", "{MinSize: '1', MaxSize: '1', VPCZoneIdentifier: [{'Fn::Split': [',', a]}]}",
		"X.Properties.VPCZoneIdentifier[0]: Fn::Split gives a list where text is wanted"},
	{"a text-valued function for a list", "AWS::RDS::DBCluster", "{VpcSecurityGroupIds: {'Fn::Sub': 'sg'}}",
		"X.Properties.VpcSecurityGroupIds: Fn::Sub gives a string where a list is wanted"},
	{"unknown function", "AWS::EC2::VPC", "{CidrBlock: {'Fn::Subb': x}}",
		"X.Properties.CidrBlock: no such function Fn::Subb, did you mean Fn::Sub?"},
	{"a function without a value", "AWS::EC2::Subnet", "{VpcId: v, AvailabilityZone: {'Fn::Select': [0, {'Fn::GetAZs': null}]}}",
		"X.Properties.AvailabilityZone.Fn::Select[1].Fn::GetAZs: null is not allowed in a template"},
	{"the same tag twice", "AWS::EC2::VPC", "{Tags: [{Key: A, Value: 1a}, {Key: B, Value: b}, {Key: A, Value: c}]}",
		"X.Properties.Tags[2]: is the same as [0]"},
	{"the same item twice", "AWS::ElastiCache::ReplicationGroup", "{ReplicationGroupDescription: x, SecurityGroupIds: [a, a]}",
		"X.Properties.SecurityGroupIds[1]: is the same as [0]"},
	{"Ref to nothing", "AWS::EC2::RouteTable", "{VpcId: {Ref: Vcp}}",
		`X.Properties.VpcId: nothing here is named "Vcp", did you mean Vpc?`},
	{"GetAtt to nothing", "AWS::EC2::RouteTable", "{VpcId: {'Fn::GetAtt': [Net, Id]}}",
		`X.Properties.VpcId: no resource is named "Net"`},
	{"GetAtt of what there is not", "AWS::EC2::RouteTable", "{VpcId: {'Fn::GetAtt': Vpc.CidrBlok}}",
		`X.Properties.VpcId: AWS::EC2::VPC has no attribute "CidrBlok", did you mean CidrBlock?`},
	{"GetAtt without an attribute", "AWS::EC2::RouteTable", "{VpcId: {'Fn::GetAtt': [Vpc]}}",
		"X.Properties.VpcId: Fn::GetAtt takes a logical id and an attribute"},
	{"Sub of what there is not", "AWS::EC2::RouteTable", "{VpcId: {'Fn::Sub': '${Vpc.Arn} ${HOME} ${!HOME}'}}",
		"X.Properties.VpcId: AWS::EC2::VPC has no attribute \"Arn\"\nX.Properties.VpcId: nothing here is named \"HOME\""},
	{"Sub of no text", "AWS::EC2::RouteTable", "{VpcId: {'Fn::Sub': [a]}}",
		"X.Properties.VpcId: Fn::Sub takes a text, or a list of a text and a map"},
	{"Ref inside of a policy", "AWS::IAM::Role", "{AssumeRolePolicyDocument: {Statement: [{Principal: {AWS: {Ref: Nobody}}}]}}",
		`X.Properties.AssumeRolePolicyDocument.Statement[0].Principal.AWS: nothing here is named "Nobody"`},
}

func TestCheckOfProperties(t *testing.T) {
	for _, row := range propertyRows {
		t.Run(row.name, func(t *testing.T) {
			got := Check(decode(t, `Resources:
  Vpc: {Type: "AWS::EC2::VPC"}
  X: {Type: "`+row.typeName+`", Properties: `+row.properties+`}
`))
			if diff := cmp.Diff(row.want, lines(got)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestCheckAroundTheProperties(t *testing.T) {
	rows := []struct{ name, template, want string }{
		{"empty", "{}", "Resources: a template needs at least one resource"},
		{"unknown section", "{Resource: {}, Resources: {A: {Type: 'AWS::SNS::Topic'}}}",
			"Resource: no such section, did you mean Resources?"},
		{"unknown attribute of a resource", "{Resources: {A: {Type: 'AWS::SNS::Topic', DeletePolicy: Retain}}}",
			"A.DeletePolicy: a resource has no such attribute, did you mean DeletionPolicy?"},
		{"no map", "{Resources: {A: 5}}", "A.Type: a resource is a map with at least its Type"},
		{"no type", "{Resources: {A: {}}}", "A.Type: a resource needs a type"},
		{"DependsOn to nothing", "{Resources: {Topic: {Type: 'AWS::SNS::Topic', DependsOn: [Topics]}}}",
			`Topic.DependsOn: no resource is named "Topics", did you mean Topic?`},
		{"DependsOn to itself", "{Resources: {Topic: {Type: 'AWS::SNS::Topic', DependsOn: Topic}}}",
			"Topic.DependsOn: a resource can't depend on itself"},
		{"DependsOn twice", "{Resources: {A: {Type: 'AWS::SNS::Topic', DependsOn: [B, B]}, B: {Type: 'AWS::SNS::Topic'}}}",
			"A.DependsOn: B is named twice"},
		{"DependsOn of no name", "{Resources: {A: {Type: 'AWS::SNS::Topic', DependsOn: {Ref: B}}}}",
			"A.DependsOn: takes logical ids, not a map"},
		{"an output of nothing", "{Resources: {A: {Type: 'AWS::SNS::Topic'}}, Outputs: {O: {Value: {Ref: B}}}}",
			`Outputs.O.Value: nothing here is named "B"`},
		{"an output without a value", "{Resources: {A: {Type: 'AWS::SNS::Topic'}}, Outputs: {O: {}}}",
			"Outputs.O: an output needs a Value"},
		{"two exports of one name", "{Resources: {A: {Type: 'AWS::SNS::Topic'}}, Outputs: {O: {Value: a, Export: {Name: n}}, P: {Value: b, Export: {Name: n}}}}",
			"Outputs.P.Export.Name: n is exported by the output O already"},
		{"a condition over a resource that is not there", "{Conditions: {C: {'Fn::Equals': [{Ref: B}, x]}}, Resources: {Topic: {Type: 'AWS::SNS::Topic'}}}",
			`Conditions.C.Fn::Equals[0]: nothing here is named "B"`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, lines(Check(decode(t, row.template)))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func lines(problems []Problem) string {
	texts := make([]string, len(problems))
	for i, problem := range problems {
		texts[i] = problem.String()
	}
	return strings.Join(texts, "\n")
}

func FuzzCheckNeverPanics(f *testing.F) {
	good, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("Resources: {A: {Type: 'AWS::EC2::VPC', Properties: {Tags: [{1: 2}, {Key: {Ref: [x]}}], CidrBlock: {Ref: }}}}"))
	f.Add([]byte("Resources: {1: [], A: {Type: 'AWS::SSM::Parameter', DependsOn: [{}, [], ~], Properties: {Tags: {? [a] : b}}}}"))
	f.Add([]byte("Outputs: {O: {Value: {'Fn::Sub': ['${', {}]}, Export: {Name: }}}\nConditions: {'Fn::If': }"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var template map[string]any
		if yaml.Unmarshal(text, &template) != nil {
			t.Skip("not YAML, or no map")
		}
		Check(template)
	})
}
