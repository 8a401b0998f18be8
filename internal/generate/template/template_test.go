package template

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/efs"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"distributed-moodle/internal/cfn/template"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// free is a resource with properties of any kind.
type free struct {
	P any
	Q any `json:"Q,omitempty"`
}

func (free) AWSCloudFormationType() string { return "AWS::EC2::VPC" }

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// small is a template with one of everything that the renderer knows.
func small() *Template {
	t := New("moodle-dev", "network", "Addresses: zones, routes")
	vpc := t.Add("Vpc", "One network a site; names inside it resolve, which EFS and Aurora need", &ec2.VPC{CidrBlock: new("10.0.0.0/16")})
	t.Add("Node", strings.Repeat("A reason that takes more than one line. ", 5), &ec2.LaunchTemplate{LaunchTemplateData: &ec2.LaunchTemplate_LaunchTemplateData{
		UserData: new(Base64(SubWith("#!/bin/bash\nmount ${Home} ${AWS::Region}\n\necho ${!done}\n",
			map[string]string{"Home": Import{"data", "moodle-dev-data-FileSystemId"}.Value()}))),
		SecurityGroupIds: []string{vpc.GetAtt("DefaultSecurityGroup")},
		ImageId:          new(Select(0, Cidr(Select(0, vpc.GetAtt("Ipv6CidrBlocks")), 256, 64))),
		KeyName:          new("yes"),
	}}).Accept("CKV_AWS_1", "a reason: with a colon").Accept("W1234", "another reason").DependsOn(vpc).
		Set("LaunchTemplateData.EbsOptimized", Pseudo("AWS::NoValue"))
	t.Add("Files", "Where the data lies", &efs.FileSystem{
		Encrypted: new(true),
		FileSystemPolicy: PolicyOf(Statement{Effect: "Deny", Principal: "*", Action: []string{"elasticfilesystem:ClientMount"},
			Condition: map[string]any{"Bool": map[string]string{"aws:SecureTransport": "false"}}}),
	}).RetainExceptOnCreate()
	t.Export("VpcId", "yes", vpc.Ref())
	t.Output("Address", "Where it answers", Join("", "http://", vpc.GetAtt("VpcId"), ":80"))
	return t
}

func TestRenderReadsLikeAPersonWroteIt(t *testing.T) {
	r, err := small().Render()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "small.yaml", r.YAML)
	if diff := cmp.Diff([]string{"data"}, r.Imports); diff != "" {
		t.Errorf("imports (-want +got):\n%s", diff)
	}
	again, err := small().Render()
	if err != nil || string(again.YAML) != string(r.YAML) {
		t.Errorf("a second rendering differs (%v)", err)
	}
}

func TestBuilderIsNamedRelativeToTheModule(t *testing.T) {
	if got, want := small().Resources()[0].Builder(), "internal/generate/template/template_test.go small"; got != want {
		t.Errorf("builder is %q, want %q", got, want)
	}
}

func TestAFaultIsToldWithoutWhatFollowsFromIt(t *testing.T) {
	tp := New("moodle", "x", "d")
	tp.Add("Vpc", "a", &ec2.VPC{CidrBlock: new(SubWith("a\r\nb", map[string]string{"A": "b"}))})
	_, err := tp.Render()
	if err == nil || !strings.Contains(err.Error(), "carriage returns") || strings.Contains(err.Error(), "does not use") {
		t.Errorf("error is %v\nwant the carriage returns alone", err)
	}
}

func TestFaultsNameTheResourceAndTheWayOut(t *testing.T) {
	vpc := &ec2.VPC{CidrBlock: new("10.0.0.0/16")}
	for _, test := range []struct {
		name  string
		build func(*Template)
		want  string
	}{
		{"twice", func(t *Template) { t.Add("Vpc", "a", vpc); t.Add("Vpc", "b", vpc) }, "Vpc (internal/generate/template/template_test.go"},
		{"bad id", func(t *Template) { t.Add("my-vpc", "a", vpc) }, "the logical id may contain letters and digits only"},
		{"no reason", func(t *Template) { t.Add("Vpc", " ", vpc) }, "has no reason: pass one to Add"},
		{"part of a string", func(t *Template) {
			r := t.Add("Vpc", "a", vpc)
			t.Add("Other", "b", &ec2.VPC{CidrBlock: new("x" + r.Ref())})
		}, "is part of a longer string, use Sub"},
		{"data without a policy", func(t *Template) { t.Add("Files", "a", &efs.FileSystem{}) }, "AWS::EFS::FileSystem holds data: call Retain"},
		{"unknown reference", func(t *Template) { t.Add("Vpc", "a", &ec2.VPC{CidrBlock: new(Sub("${Nobody}"))}) }, "refers to Nobody, which stack x does not have"},
		{"unused substitution", func(t *Template) {
			t.Add("Vpc", "a", &ec2.VPC{CidrBlock: new(SubWith("x", map[string]string{"A": "b"}))})
		}, "Sub is given A, which its text does not use"},
		{"forgotten export", func(t *Template) { t.Add("Vpc", "a", &ec2.VPC{CidrBlock: new(Import{}.Value())}) }, "imports an export that its builder never made"},
		{"white space", func(t *Template) { t.Add("Vpc", "a", &ec2.VPC{CidrBlock: new("a \nb")}) }, "ends in white space"},
		{"carriage return", func(t *Template) { t.Add("Vpc", "a", &ec2.VPC{CidrBlock: new("a\r\nb")}) }, "carriage returns"},
		{"path into a text", func(t *Template) { t.Add("Vpc", "a", vpc).Set("CidrBlock.Deeper", 1) }, `Set("CidrBlock.Deeper")`},
		{"attribute set on the struct", func(t *Template) {
			t.Add("Vpc", "a", &ec2.VPC{AWSCloudFormationDependsOn: []string{"X"}})
		}, "use the builder's DependsOn"},
		{"description", func(t *Template) { t.Description = strings.Repeat("x", 1025) }, "1025 bytes, CloudFormation accepts 1024"},
		{"too many resources", func(t *Template) {
			for i := range 501 {
				t.Add("Vpc"+strings.Repeat("x", i), "a", vpc)
			}
		}, "501 resources, CloudFormation accepts 500"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tp := New("moodle", "x", "d")
			test.build(tp)
			_, err := tp.Render()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v\nwant one with %q", err, test.want)
			}
		})
	}
}

func TestAnExportThatItsBuilderForgotFailsByName(t *testing.T) {
	type Exports struct {
		VPC     Import
		Subnets []Import
		Reader  Import `export:"optional"`
	}
	tp := New("moodle", "network", "d")
	vpc := tp.Export("VpcId", "d", "x")
	for _, test := range []struct {
		exports Exports
		want    string
	}{
		{Exports{VPC: vpc, Subnets: []Import{vpc}}, ""},
		{Exports{Subnets: []Import{vpc}}, "stack network: template.Exports.VPC was never given a value"},
		{Exports{VPC: vpc}, "template.Exports.Subnets was never"},
		{Exports{VPC: vpc, Subnets: []Import{vpc, {}}}, "template.Exports.Subnets was never"},
	} {
		err := Complete("network", test.exports)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("Complete(%+v) = %v, want %q", test.exports, err, test.want)
		}
	}
}

// readBack renders properties and reads them from the YAML again.
func readBack(properties free) (any, error) {
	tp := New("moodle", "x", "d")
	tp.Add("R", "why", properties)
	r, err := tp.Render()
	if err != nil {
		return nil, err
	}
	back, err := template.Parse("template.yaml", r.YAML)
	if err != nil {
		return nil, err
	}
	return back.Resource("R").Properties(), nil
}

// asJSON makes values comparable whatever Go type their numbers have.
func asJSON(t interface{ Fatal(...any) }, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReadingTheYAMLAgainGivesTheSameTemplate(t *testing.T) {
	word := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"yes", "no", "on", "1:30", "0755", "0o7", "1_000", "1e3", ".5", "=", "<<", "~", "null",
		"2012-10-17", "a\nb\n", "\n a", " a", "a: b", "# x", "!Ref x", "- a", "'", `"`, "${X}", "a #b", "é", "|", "%", "@", "`", "{}", "[]", "0x1F", "+1", "-", "?"}))
	value := rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return rapid.Int32().Draw(t, "n")
		case 1:
			return rapid.Bool().Draw(t, "b")
		case 2:
			return rapid.SliceOfN(word, 0, 3).Draw(t, "list")
		case 3:
			return rapid.MapOfN(word, word, 0, 3).Draw(t, "map")
		}
		return word.Draw(t, "text")
	})
	rapid.Check(t, func(t *rapid.T) {
		properties := free{P: value.Draw(t, "value"), Q: word.Draw(t, "q")}
		got, err := readBack(properties)
		if err != nil {
			return // a text that is refused by name: see TestFaultsNameTheResourceAndTheWayOut
		}
		if got, want := asJSON(t, got), asJSON(t, properties); got != want {
			t.Fatalf("read back %s\nwant      %s", got, want)
		}
	})
}

func FuzzAnyTextSurvives(f *testing.F) {
	for _, s := range []string{"", "yes", "1:30", "a\nb", "\ta\n", "a\n  b\n", "# a", "0.10", "\u2028", "\ufeff", "\x85"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, mark) {
			t.Skip("no text of a template holds the mark")
		}
		s = strings.ToValidUTF8(s, "\ufffd") // as goformation's JSON has it
		got, err := readBack(free{P: s})
		if err != nil {
			return
		}
		if got, want := asJSON(t, got), asJSON(t, free{P: s}); got != want {
			t.Fatalf("read back %s, want %s", got, want)
		}
	})
}

func encoded(s string) string { return new(renderer).encode(plain(s)) }

func TestPlainTextsAreTextsForAYAML11Reader(t *testing.T) {
	for _, s := range []string{"y", "N", "yes", "No", "ON", "off", "True", "~", "null", "=", "<<", "1:30", "190:20:30.15", "0755", "012", "0o14",
		"1_000", "0x_A", "0b1", "1e3", ".5", "+.inf", ".NaN", "2012-10-17", "2001-12-14t21:59:43.10-05:00", "12"} {
		if !strings.HasSuffix(encoded(s), "\"\n") {
			t.Errorf("%q is written without quotes: %s", s, encoded(s))
		}
	}
	for _, s := range []string{"Retain", "10.20.0.0/16", "eu-central-1a", "tcp", "AWS::EC2::VPC", "t4g.medium", "30.5.y"} {
		if encoded(s) != s+"\n" {
			t.Errorf("%q is quoted for nothing: %s", s, encoded(s))
		}
	}
}
