package stacks_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What services refuse, or do by themselves, that no schema of CloudFormation says.

// TestOneZoneHasNoArchive: the archive class is for regional file systems (https://aws.amazon.com/efs/faq/).
func TestOneZoneHasNoArchive(t *testing.T) {
	var oneZone, archived int
	for _, r := range every(t, "AWS::EFS::FileSystem") {
		_, zone := r.properties()["AvailabilityZoneName"]
		archives := strings.Contains(fmt.Sprint(r.properties()["LifecyclePolicies"]), "TransitionToArchive")
		switch {
		case zone && archives:
			t.Errorf("%s %s lies in one zone and is to be archived", r.where, r.id)
		case zone:
			oneZone++
		case archives:
			archived++
		}
	}
	if oneZone == 0 || archived == 0 {
		t.Errorf("%d file systems in one zone, %d with an archive: the check would hold for nothing", oneZone, archived)
	}
}

// TestInstancesOfADatabaseHaveWindowsOfTheirOwn: an instance that is maintained can't take over for another one
// (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.Maintenance.html#Aurora_OS_updates).
func TestInstancesOfADatabaseHaveWindowsOfTheirOwn(t *testing.T) {
	windows, most := map[string]string{}, 0 // of each variant's instances
	for _, r := range every(t, "AWS::RDS::DBInstance") {
		window := fmt.Sprint(r.properties()["PreferredMaintenanceWindow"])
		if strings.Contains(windows[r.where], window) || !regexp.MustCompile(`^\w{3}:[\d:]{5}-\w{3}:[\d:]{5}$`).MatchString(window) {
			t.Errorf("%s %s has the window %s, and others have %s", r.where, r.id, window, windows[r.where])
		}
		windows[r.where] += window + " "
		most = max(most, strings.Count(windows[r.where], " "))
	}
	for _, r := range every(t, "AWS::RDS::DBCluster") {
		if writer := fmt.Sprint(r.properties()["PreferredMaintenanceWindow"]); !strings.Contains(windows[r.where], writer) {
			t.Errorf("%s %s has the window %s, and its instances %s", r.where, r.id, writer, windows[r.where])
		}
	}
	if most < 3 {
		t.Errorf("at most %d instances in a variant: the check would hold for too little", most)
	}
}

// TestTheLoadBalancerMayWriteItsLogs wants the permission as AWS's example has it: switching the logs on writes a test file at once, and a
// condition on something that this write does not say would refuse the load balancer
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html).
func TestTheLoadBalancerMayWriteItsLogs(t *testing.T) {
	for _, r := range every(t, "AWS::S3::BucketPolicy") {
		statements, _ := mapOf(r.properties()["PolicyDocument"])["Statement"].([]any)
		allowed := slices.DeleteFunc(slices.Clone(statements), func(s any) bool { return mapOf(s)["Effect"] != "Allow" })
		if len(allowed) != 1 {
			t.Errorf("%s %s allows %d things, want one: that logs are written", r.where, r.id, len(allowed))
			continue
		}
		allow := mapOf(allowed[0])
		if condition, narrowed := allow["Condition"]; narrowed {
			t.Errorf("%s %s: logs may be written only if %v", r.where, r.id, condition)
		}
		if to := fmt.Sprint(allow["Resource"]); !strings.Contains(to, "/AWSLogs/${AWS::AccountId}/*") {
			t.Errorf("%s %s: logs may be written to %s, not to this account's folder", r.where, r.id, to)
		}
	}
}

// TestTheLoadBalancerWaitsForTheRightToWriteItsLogs holds the order: CloudFormation makes at once what does not depend on each other, and
// the test file of a load balancer that is faster than the bucket's policy is refused, and the load balancer with it.
func TestTheLoadBalancerWaitsForTheRightToWriteItsLogs(t *testing.T) {
	policies := map[string]string{} // of each bucket, by where it is and its id
	for _, r := range every(t, "AWS::S3::BucketPolicy") {
		policies[r.where+" "+fmt.Sprint(r.properties()["Bucket"])] = r.id
	}
	for _, r := range every(t, "AWS::ElasticLoadBalancingV2::LoadBalancer") {
		bucket := ""
		attributes, _ := r.properties()["LoadBalancerAttributes"].([]any)
		for _, a := range attributes {
			if mapOf(a)["Key"] == "access_logs.s3.bucket" {
				bucket = fmt.Sprint(mapOf(a)["Value"])
			}
		}
		policy := policies[r.where+" "+bucket]
		before, _ := r.body["DependsOn"].([]any)
		if id, ok := r.body["DependsOn"].(string); ok {
			before = []any{id}
		}
		if policy == "" || !slices.Contains(before, any(policy)) {
			t.Errorf("%s %s writes logs to %s and waits for %v, not for the bucket's policy %q", r.where, r.id, bucket, before, policy)
		}
	}
}

// TestFlowLogsMayBeWritten wants the five actions that AWS calls the least: without one the flow log is made and stays empty
// (https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html).
func TestFlowLogsMayBeWritten(t *testing.T) {
	roles := 0
	for _, r := range every(t, "AWS::IAM::Role") {
		if r.id != "FlowLogRole" {
			continue
		}
		roles++
		for _, action := range []string{"CreateLogGroup", "CreateLogStream", "PutLogEvents", "DescribeLogGroups", "DescribeLogStreams"} {
			if !strings.Contains(fmt.Sprint(r.properties()["Policies"]), "logs:"+action) {
				t.Errorf("%s %s may not %s", r.where, r.id, action)
			}
		}
	}
	if logs := len(every(t, "AWS::EC2::FlowLog")); roles != logs {
		t.Errorf("%d roles for %d flow logs: the check would hold for nothing", roles, logs)
	}
}

// TestScheduledActionsOfAGroupAreMadeOneAfterAnother: made at once, they have been seen to be refused.
func TestScheduledActionsOfAGroupAreMadeOneAfterAnother(t *testing.T) {
	after := map[string][]string{} // by template: what each action waits for
	for _, r := range every(t, "AWS::AutoScaling::ScheduledAction") {
		before, _ := r.body["DependsOn"].(string)
		after[r.where] = append(after[r.where], before)
	}
	longest := 0
	for where, before := range after {
		slices.Sort(before)
		if before[0] != "" || len(slices.Compact(slices.Clone(before))) != len(before) {
			t.Errorf("%s: actions wait for %q: they are no chain", where, before)
		}
		longest = max(longest, len(before))
	}
	if longest < 3 {
		t.Errorf("at most %d actions in a group: the check would hold for nothing", longest)
	}
}

// TestIPv6ComesAndGoesBesideTheSubnet: as a property of the subnet it could replace it, and everything in it.
func TestIPv6ComesAndGoesBesideTheSubnet(t *testing.T) {
	for _, r := range every(t, "AWS::EC2::Subnet") {
		if _, set := r.properties()["Ipv6CidrBlock"]; set {
			t.Errorf("%s %s has its IPv6 range as a property", r.where, r.id)
		}
	}
	for _, r := range every(t, "AWS::EC2::SubnetCidrBlock") {
		if r.body["DependsOn"] != "Ipv6Range" {
			t.Errorf("%s %s does not wait for the VPC's range", r.where, r.id)
		}
	}
}

// TestAFullCacheKeepsSessions: ElastiCache's own default throws out what has an end of life, which only sessions have.
func TestAFullCacheKeepsSessions(t *testing.T) {
	for _, r := range every(t, "AWS::ElastiCache::ParameterGroup") {
		if policy := mapOf(r.properties()["Properties"])["maxmemory-policy"]; policy != "allkeys-lru" {
			t.Errorf("%s %s: a full cache follows %v", r.where, r.id, policy)
		}
		if family := r.properties()["CacheParameterGroupFamily"]; family != "valkey8" {
			t.Errorf("%s %s is of family %v", r.where, r.id, family)
		}
	}
	for _, r := range every(t, "AWS::ElastiCache::ReplicationGroup") {
		if mapOf(r.properties()["CacheParameterGroupName"])["Ref"] != "CacheParameters" {
			t.Errorf("%s %s does not use the parameters", r.where, r.id)
		}
		if version := fmt.Sprint(r.properties()["EngineVersion"]); !strings.HasPrefix(version, "8.") {
			t.Errorf("%s %s is Valkey %s, its parameters are those of 8", r.where, r.id, version)
		}
	}
}

// TestBackupsOutliveTheirCluster: else a cluster deleted by mistake takes its point-in-time recovery along.
func TestBackupsOutliveTheirCluster(t *testing.T) {
	for _, r := range every(t, "AWS::RDS::DBCluster") {
		if r.properties()["DeleteAutomatedBackups"] != false {
			t.Errorf("%s %s: DeleteAutomatedBackups is %v", r.where, r.id, r.properties()["DeleteAutomatedBackups"])
		}
	}
}

// TestPasswordsAreMadeOnce holds what Secrets Manager makes the passwords from: any other setting makes a new password at a site that
// runs, which neither the database nor the cache nor Moodle would know
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html).
func TestPasswordsAreMadeOnce(t *testing.T) {
	made := func(template string, length int) map[string]any {
		return map[string]any{
			"ExcludePunctuation": true, "GenerateStringKey": "password", "PasswordLength": length, "SecretStringTemplate": template,
		}
	}
	want := map[string]map[string]any{
		"DatabaseSecret":      made(`{"username": "moodle_a"}`, 40),
		"AdministratorSecret": made(`{"username": "admin"}`, 20),
		"CacheSecret":         made(`{}`, 64),
	}
	for _, r := range every(t, "AWS::SecretsManager::Secret") {
		if diff := cmp.Diff(want[r.id], mapOf(r.properties()["GenerateSecretString"])); diff != "" {
			t.Errorf("%s %s: other settings make another password; -want +got:\n%s", r.where, r.id, diff)
		}
	}
}

// TestTextsThatStayArePlain: no service of these says which signs its descriptions may have, and some texts can never be changed. So they
// have those that EC2 takes, the strictest.
func TestTextsThatStayArePlain(t *testing.T) {
	every(t, "AWS::KMS::Key")
	for _, r := range generated.all {
		for _, property := range []string{"Description", "GroupDescription", "DBSubnetGroupDescription", "ReplicationGroupDescription"} {
			if text, given := r.properties()[property]; given && !ec2Text.MatchString(fmt.Sprint(text)) {
				t.Errorf("%s %s: %s is %q", r.where, r.id, property, text)
			}
		}
	}
}

// TestARecordMadeByHandIsSaid: where no alias is made, the certificate still is, and an output names what to point where.
func TestARecordMadeByHandIsSaid(t *testing.T) {
	env := load(t, "prod")
	with := string(generate(t, env).Files["app.yaml"])
	env.Domain.Record = "none"
	without := string(generate(t, env).Files["app.yaml"])
	for text, said := range map[string][2]bool{
		"AWS::Route53::RecordSet":                       {true, false},
		"AWS::CertificateManager::Certificate":          {true, true},
		"moodle.example.edu to ${LoadBalancer.DNSName}": {false, true},
	} {
		if got := [2]bool{strings.Contains(with, text), strings.Contains(without, text)}; got != said {
			t.Errorf("%s: with an alias %t, without %t; want %v", text, got[0], got[1], said)
		}
	}
}

// TestNodesMayDecryptWithTheMailSecretsKey: without the permission a node's boot would fail when it reads the secret.
func TestNodesMayDecryptWithTheMailSecretsKey(t *testing.T) {
	env := load(t, "prod")
	env.Mail.Key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"
	statement := regexp.MustCompile(`(?s)- Sid: DecryptSecrets\n.*?(- Sid|PolicyName)`).FindString(string(generate(t, env).Files["app.yaml"]))
	for _, want := range []string{"kms:Decrypt", "DataKeyArn", env.Mail.Key, "kms:ViaService: secretsmanager.eu-central-1.amazonaws.com"} {
		if !strings.Contains(statement, want) {
			t.Errorf("the nodes' role lacks %s in\n%s", want, statement)
		}
	}
}

// TestNodesLogsHaveTheirOwnRetention: who keeps fewer of the network's flow logs must not lose the nodes' logs.
func TestNodesLogsHaveTheirOwnRetention(t *testing.T) {
	env := load(t, "prod")
	env.Network.FlowLogDays, env.Application.LogDays = 1, 365
	files := generate(t, env).Files
	for name, days := range map[string]string{"network.yaml": "1", "app.yaml": "365"} {
		if !strings.Contains(string(files[name]), "RetentionInDays: "+days+"\n") {
			t.Errorf("%s does not keep its logs for %s days", name, days)
		}
	}
}

// TestMinorUpgradesAreAKey: on by default, in production too, and off on every resource where the file says so.
func TestMinorUpgradesAreAKey(t *testing.T) {
	env := load(t, "prod")
	on := string(generate(t, env).Files["data.yaml"])
	env.Database.MinorUpgrades, env.Cache.MinorUpgrades = new(false), new(false)
	off := string(generate(t, env).Files["data.yaml"])
	for text, want := range map[string][2]int{"AutoMinorVersionUpgrade: true": {3, 0}, "AutoMinorVersionUpgrade: false": {0, 3}} {
		if got := [2]int{strings.Count(on, text), strings.Count(off, text)}; got != want {
			t.Errorf("%s: %v times in writer, reader and cache, with and without; want %v", text, got, want)
		}
	}
}
