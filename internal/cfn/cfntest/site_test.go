package cfntest_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/cfntest"
)

// site is a root with three nested stacks, linked by exports as a real one is.
type site struct {
	t        *testing.T
	account  *cfntest.Account
	client   *cloudformation.Client
	name     string
	children map[string]string // templates by logical id
	after    map[string]string
}

const (
	network = `
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/20}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}
Outputs:
  SubnetId:
    Value: !Ref Subnet
    Export: {Name: site-network-SubnetId}
`
	data = `
Resources:
  Database:
    Type: AWS::RDS::DBCluster
    DeletionPolicy: Snapshot
    UpdateReplacePolicy: Snapshot
    Properties: {Engine: aurora-postgresql, BackupRetentionPeriod: 7, StorageEncrypted: true}
  FileSystem:
    Type: AWS::EFS::FileSystem
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
    Properties: {Encrypted: true}
  MountTarget:
    Type: AWS::EFS::MountTarget
    Properties: {FileSystemId: !Ref FileSystem, SubnetId: !ImportValue site-network-SubnetId, SecurityGroups: []}
Outputs:
  Endpoint:
    Value: !GetAtt Database.Endpoint.Address
    Export: {Name: site-data-Endpoint}
`
	app = `
Resources:
  Settings:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !Sub ["db=${E}", {E: !ImportValue site-data-Endpoint}]}
  Version:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: v1}
Outputs:
  Address: {Value: !Ref Settings}
`
)

func newSite(t *testing.T, options ...cfntest.Option) *site {
	account := cfntest.New(t, options...)
	return &site{
		t: t, account: account, client: cloudformation.NewFromConfig(account.Config()), name: "site",
		children: map[string]string{"Network": network, "Data": data, "App": app},
		after:    map[string]string{"Data": "Network", "App": "Data"},
	}
}

// edit changes the template of a nested stack.
func (s *site) edit(child, from, to string) {
	s.t.Helper()
	if !strings.Contains(s.children[child], from) {
		s.t.Fatalf("%s has no %q", child, from)
	}
	s.children[child] = strings.Replace(s.children[child], from, to, 1)
}

// template uploads the nested templates and gives the root's.
func (s *site) template() string {
	root := "Resources:\n"
	for _, id := range []string{"Network", "Data", "App"} {
		body := s.children[id]
		if body == "" {
			continue
		}
		key := fmt.Sprintf("templates/%x.yaml", sha256.Sum256([]byte(body)))
		s.account.PutObject("site-artifacts", key, []byte(body))
		root += fmt.Sprintf("  %s:\n    Type: AWS::CloudFormation::Stack\n", id)
		if s.after[id] != "" {
			root += "    DependsOn: " + s.after[id] + "\n"
		}
		root += "    Properties:\n      TemplateURL: !Sub https://s3.${AWS::Region}.${AWS::URLSuffix}/site-artifacts/" + key + "\n"
	}
	return root
}

// plan makes a change set and waits until it and all in it have come to their final state. It gives the root's id.
func (s *site) plan(name string) string {
	s.t.Helper()
	kind := types.ChangeSetTypeUpdate
	if _, err := s.client.DescribeStacks(s.t.Context(), &cloudformation.DescribeStacksInput{StackName: &s.name}); err != nil {
		kind = types.ChangeSetTypeCreate
	}
	out, err := s.client.CreateChangeSet(s.t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: &s.name, ChangeSetName: &name, ChangeSetType: kind, IncludeNestedStacks: aws.Bool(true), TemplateBody: aws.String(s.template()),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	time.Sleep(time.Minute)
	return *out.Id
}

// execute executes a change set and waits for the operation's end.
func (s *site) execute(id string) {
	s.t.Helper()
	s.start(id)
	s.wait()
}

func (s *site) start(id string) {
	s.t.Helper()
	_, err := s.client.ExecuteChangeSet(s.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &id, ClientRequestToken: aws.String("token-of-" + id[len(id)-4:])})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) wait() {
	s.t.Helper()
	for range 10000 {
		time.Sleep(time.Second)
		if status := s.account.Stack(s.name).Status; !strings.HasSuffix(status, "_IN_PROGRESS") || status == "REVIEW_IN_PROGRESS" {
			return
		}
	}
	s.t.Fatalf("still %s after a long time", s.account.Stack(s.name).Status)
}

func (s *site) deploy(name string) {
	s.t.Helper()
	s.execute(s.plan(name))
}

func (s *site) describe(id string, values bool) *cloudformation.DescribeChangeSetOutput {
	s.t.Helper()
	out, err := s.client.DescribeChangeSet(context.Background(), &cloudformation.DescribeChangeSetInput{ChangeSetName: &id, IncludePropertyValues: &values})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// history is a stack's events as text: logical id, status and reason.
func (s *site) history(path ...string) []string {
	s.t.Helper()
	var lines []string
	for _, e := range s.account.Events(s.name, path...) {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", *e.LogicalResourceId, e.ResourceStatus, aws.ToString(e.ResourceStatusReason))))
	}
	return lines
}
