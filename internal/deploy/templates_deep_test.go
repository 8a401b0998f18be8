package deploy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

// nesting is a site in which App nests one more stack, Inner, whose template is that of the stack Doors.
func nesting(inner string) *localawstest.Folder {
	site := localawstest.Small("deep")
	site.Order = append([]string{"Doors"}, site.Order...)
	site.Stacks["Doors"] = inner
	site.Stacks["App"] = "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: !Sub https://s3.${AWS::Region}.${AWS::URLSuffix}/" +
		"deep-artifacts-${AWS::AccountId}-${AWS::Region}/" + manifest.TemplateKey(manifest.FileOf("", []byte(inner)).SHA256) + "\n"
	return site
}

// doors is a template of a security group that lets a range in.
func doors(cidr string) string {
	return fmt.Sprintf("Resources:\n  Group:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: g\n      SecurityGroupIngress:\n"+
		"        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: %s}\n", cidr)
}

func TestGatesLookIntoStacksWithinNestedStacks(t *testing.T) {
	localawstest.New(t).Use(t)
	dir := t.TempDir()
	up(t, nesting(doors("10.0.0.0/8")).Write(t, dir))
	shown, _, _ := (&run{t: t, out: nesting(doors("0.0.0.0/0")).Write(t, dir)}).plan(false)
	var found []string
	for _, f := range shown.Findings {
		found = append(found, f.Key())
	}
	want := []string{"access-widened/App/Inner/Group", "access-widened/Doors/Group"}
	if !slices.Equal(found, want) {
		t.Errorf("found %s, want %s", strings.Join(found, ", "), strings.Join(want, ", "))
	}
}
