package schema

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustOf(t *testing.T, name string) *Type {
	t.Helper()
	of, ok := Of(name)
	if !ok {
		t.Fatalf("the table lacks %s", name)
	}
	return of
}

func TestEveryListedTypeIsReadable(t *testing.T) {
	text, err := os.ReadFile("types.txt")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			listed = append(listed, line)
		}
	}
	if diff := cmp.Diff(listed, Names()); diff != "" {
		t.Errorf("types.txt against table.json, -types +table; run go generate ./internal/cfn/schema\n%s", diff)
	}
	for _, name := range Names() {
		readable(t, name, mustOf(t, name).Properties(), map[string]bool{})
	}
}

// readable fails where an object has no definition, and follows a recursive one once.
func readable(t *testing.T, path string, p *Property, seen map[string]bool) {
	for p.Items != nil {
		p = p.Items
	}
	if p.Kind != Object || seen[p.object] {
		return
	}
	seen[p.object] = true
	if _, ok := p.of.definitions[p.object]; !ok {
		t.Errorf("%s: %q is neither a kind nor a definition", path, p.object)
	}
	for _, name := range p.Names() {
		inner, _ := p.Property(name)
		readable(t, path+"."+name, inner, seen)
	}
}

func TestProperty(t *testing.T) {
	rows := []struct {
		typeName, path string
		want           Kind
	}{
		{"AWS::EC2::SecurityGroup", "SecurityGroupIngress.CidrIp", String},
		{"AWS::EC2::SecurityGroup", "SecurityGroupIngress", List},
		{"AWS::EC2::SecurityGroup", "SecurityGroupIngress.CidrIpv4", ""},
		{"AWS::EC2::SecurityGroup", "GroupDescription.Text", ""},
		{"AWS::EC2::SecurityGroup", "", ""},
		{"AWS::IAM::Role", "AssumeRolePolicyDocument.Statement.Effect", JSON},
		{"AWS::SSM::Parameter", "Tags.AnyName", String},
		{"AWS::S3::Bucket", "LoggingConfiguration.TargetObjectKeyFormat.PartitionedPrefix.PartitionDateSource", String},
		{"AWS::WAFv2::WebACL", "Rules.Statement.NotStatement.Statement.NotStatement.Statement.GeoMatchStatement.CountryCodes", List},
		// What goformation of April 2024 lacks.
		{"AWS::RDS::DBCluster", "ServerlessV2ScalingConfiguration.SecondsUntilAutoPause", Integer},
		{"AWS::RDS::DBCluster", "DatabaseInsightsMode", String},
		{"AWS::RDS::DBCluster", "EngineLifecycleSupport", String},
		{"AWS::AutoScaling::AutoScalingGroup", "AvailabilityZoneDistribution.CapacityDistributionStrategy", String},
	}
	for _, row := range rows {
		property, ok := mustOf(t, row.typeName).Property(row.path)
		if ok != (row.want != "") {
			t.Errorf("%s %q: known = %t", row.typeName, row.path, ok)
		} else if ok && property.Kind != row.want {
			t.Errorf("%s %q: %s, want %s", row.typeName, row.path, property.Kind, row.want)
		}
	}
}

func TestHasAttribute(t *testing.T) {
	rows := []struct {
		typeName, name string
		want           bool
	}{
		{"AWS::RDS::DBCluster", "MasterUserSecret.SecretArn", true},
		{"AWS::RDS::DBCluster", "Endpoint.Address", true},
		{"AWS::RDS::DBCluster", "Endpoint", false}, // an object
		{"AWS::EC2::VPC", "CidrBlock", true},       // no read-only property
		{"AWS::ElastiCache::ReplicationGroup", "PrimaryEndPoint.Address", true},
		{"AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerFullName", true},
		{"AWS::EFS::FileSystem", "Arn", true},
		{"AWS::EFS::FileSystem", "Encrypted", false},
		{"AWS::CloudFormation::Stack", "Outputs.VpcId", true},
		{"AWS::CloudFormation::Stack", "Outputs.", false},
		{"AWS::CloudFormation::Stack", "StackName", false},
	}
	for _, row := range rows {
		if got := mustOf(t, row.typeName).HasAttribute(row.name); got != row.want {
			t.Errorf("%s %s: %t, want %t", row.typeName, row.name, got, row.want)
		}
	}
}

func TestReplacementAndTags(t *testing.T) {
	fileSystem := mustOf(t, "AWS::EFS::FileSystem")
	if want := []string{"AvailabilityZoneName", "Encrypted", "KmsKeyId", "PerformanceMode"}; !slices.Equal(fileSystem.CreateOnly, want) {
		t.Errorf("create-only of a file system: %v, want %v", fileSystem.CreateOnly, want)
	}
	cluster := mustOf(t, "AWS::RDS::DBCluster")
	if !slices.Contains(cluster.ConditionalCreateOnly, "MasterUsername") {
		t.Errorf("a cluster is replaced in some cases for %v, want MasterUsername too", cluster.ConditionalCreateOnly)
	}
	if !slices.Contains(cluster.WriteOnly, "MasterUserPassword") {
		t.Error("MasterUserPassword of a cluster can be read back")
	}
	if got := mustOf(t, "AWS::EC2::Subnet").Required(); !slices.Equal(got, []string{"VpcId"}) {
		t.Errorf("required of a subnet: %v", got)
	}
	for typeName, want := range map[string]struct {
		property string
		kind     Kind
	}{
		"AWS::EFS::FileSystem":     {"FileSystemTags", List},
		"AWS::SSM::Parameter":      {"Tags", Map},
		"AWS::Backup::BackupVault": {"BackupVaultTags", Map},
		"AWS::EC2::Route":          {"", ""},
	} {
		of := mustOf(t, typeName)
		if of.Tags != want.property {
			t.Errorf("%s takes its tags in %q, want %q", typeName, of.Tags, want.property)
		}
		if property, ok := of.Property(of.Tags); ok && property.Kind != want.kind {
			t.Errorf("%s takes its tags as a %s, want a %s", typeName, property.Kind, want.kind)
		}
	}
}

func BenchmarkParseTheWholeTable(b *testing.B) {
	for b.Loop() {
		for name, text := range parseTable() {
			parseType(name, text)
		}
	}
}

func BenchmarkParseTheNames(b *testing.B) {
	for b.Loop() {
		parseTable()
	}
}
