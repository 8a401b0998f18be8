package stacks_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"distributed-moodle/internal/cfn/template"
)

// resource is one resource of a generated template.
type resource struct {
	where, id string
	body      map[string]any
}

func (r resource) properties() map[string]any { return mapOf(r.body["Properties"]) }

func mapOf(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// generated holds the templates of all variants, parsed, made once for all checks.
var generated struct {
	once sync.Once
	all  []resource
}

// every returns all resources of a type in all variants; a type that none of them has would make its check empty.
func every(t *testing.T, kind string) []resource {
	t.Helper()
	generated.once.Do(func() {
		for name, env := range variants(t) {
			for path, content := range generate(t, env).Files {
				if strings.HasSuffix(path, ".yaml") {
					generated.all = append(generated.all, resourcesOf(t, name+"/"+path, content)...)
				}
			}
		}
	})
	var found []resource
	for _, r := range generated.all {
		if r.body["Type"] == kind {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		t.Fatalf("no variant has a %s: the check would hold for nothing", kind)
	}
	return found
}

func resourcesOf(t *testing.T, where string, content []byte) []resource {
	t.Helper()
	parsed, err := template.Parse(where, content)
	if err != nil {
		t.Fatal(err)
	}
	var all []resource
	for id, r := range mapOf(parsed.Values()["Resources"]) {
		all = append(all, resource{where, id, mapOf(r)})
	}
	return all
}

// TestRollingUpdatesCanRoll checks what linters let pass: an update that can never finish, or that resets the exam's capacity.
func TestRollingUpdatesCanRoll(t *testing.T) {
	for _, r := range every(t, "AWS::AutoScaling::AutoScalingGroup") {
		fail := func(format string, args ...any) { t.Errorf("%s %s: "+format, append([]any{r.where, r.id}, args...)...) }
		rolling := mapOf(mapOf(r.body["UpdatePolicy"])["AutoScalingRollingUpdate"])
		least, _ := rolling["MinInstancesInService"].(int)
		most, err := strconv.Atoi(r.properties()["MaxSize"].(string))
		if err != nil || least >= most {
			fail("keeps %d of at most %d nodes in service: there is no room to replace one", least, most)
		}
		if rolling["WaitOnResourceSignals"] != true {
			fail("does not wait for the nodes' signals: a broken bundle would replace the whole fleet")
		}
		if pause, _ := rolling["PauseTime"].(string); !strings.HasPrefix(pause, "PT") || strings.HasSuffix(pause, "H") && pause != "PT1H" {
			fail("PauseTime is %q; CloudFormation takes an hour at most", pause)
		}
		for _, process := range []string{"HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"} {
			if !strings.Contains(fmt.Sprint(rolling["SuspendProcesses"]), process) {
				fail("does not suspend %s: it would change nodes under the update's hands", process)
			}
		}
		if mapOf(mapOf(r.body["UpdatePolicy"])["AutoScalingScheduledAction"])["IgnoreUnmodifiedGroupSizeProperties"] != true {
			fail("an update resets the sizes that a schedule has set")
		}
		if _, set := r.properties()["DesiredCapacity"]; set {
			fail("DesiredCapacity undoes what scaling has decided")
		}
		pause, _ := rolling["PauseTime"].(string)
		if grace, _ := r.properties()["HealthCheckGracePeriod"].(int); fmt.Sprintf("PT%dM", grace/60) != pause {
			fail("nodes may boot for %s, and are replaced after %d s", pause, grace)
		}
		maintenance := mapOf(r.properties()["InstanceMaintenancePolicy"])
		if maintenance["MinHealthyPercentage"] != 100 || maintenance["MaxHealthyPercentage"] != 150 {
			fail("replaces a failed node by %v: the old one goes before the new one serves, or too many come at once", maintenance)
		}
	}
}

func TestDataSubnetsHaveNoWayOut(t *testing.T) {
	for _, r := range every(t, "AWS::EC2::Route") {
		if strings.HasPrefix(r.id, "Data") || strings.Contains(fmt.Sprint(r.properties()["RouteTableId"]), "Data") {
			t.Errorf("%s %s is a route of the data subnets", r.where, r.id)
		}
	}
}

// TestDataIsKept holds each type that keeps data to a policy that keeps it, whoever deletes or replaces the resource.
func TestDataIsKept(t *testing.T) {
	for kind, onDelete := range map[string]string{
		"AWS::EFS::FileSystem": "RetainExceptOnCreate", "AWS::KMS::Key": "RetainExceptOnCreate",
		"AWS::S3::Bucket":     "Retain", // it holds the load balancer's test file at once, and S3 deletes no bucket that holds something
		"AWS::Logs::LogGroup": "RetainExceptOnCreate", "AWS::SecretsManager::Secret": "RetainExceptOnCreate", "AWS::RDS::DBCluster": "Snapshot",
	} {
		for _, r := range every(t, kind) {
			onReplace := strings.TrimSuffix(onDelete, "ExceptOnCreate")
			if r.body["DeletionPolicy"] != onDelete || r.body["UpdateReplacePolicy"] != onReplace {
				t.Errorf("%s %s (%s): DeletionPolicy %v and UpdateReplacePolicy %v, want %s and %s", r.where, r.id, kind,
					r.body["DeletionPolicy"], r.body["UpdateReplacePolicy"], onDelete, onReplace)
			}
		}
	}
}

// TestNothingThatOutlivesAFailureHasAName keeps the next creation possible: secrets wait for days, buckets and log groups stay.
func TestNothingThatOutlivesAFailureHasAName(t *testing.T) {
	for kind, name := range map[string]string{
		"AWS::SecretsManager::Secret": "Name", "AWS::S3::Bucket": "BucketName", "AWS::Logs::LogGroup": "LogGroupName", "AWS::IAM::Role": "RoleName",
		"AWS::RDS::DBCluster": "DBClusterIdentifier", "AWS::ElasticLoadBalancingV2::LoadBalancer": "Name", "AWS::AutoScaling::AutoScalingGroup": "AutoScalingGroupName",
	} {
		for _, r := range every(t, kind) {
			if v, set := r.properties()[name]; set {
				t.Errorf("%s %s has the fixed name %v", r.where, r.id, v)
			}
		}
	}
}

func TestNoSecretHasAValue(t *testing.T) {
	for _, r := range every(t, "AWS::SecretsManager::Secret") {
		if _, set := r.properties()["SecretString"]; set {
			t.Errorf("%s %s carries its secret in the template", r.where, r.id)
		}
	}
	for _, r := range every(t, "AWS::RDS::DBCluster") {
		if _, set := r.properties()["MasterUserPassword"]; set || r.properties()["ManageMasterUserPassword"] != true {
			t.Errorf("%s %s: the master's password is not RDS's own", r.where, r.id)
		}
	}
	for _, r := range every(t, "AWS::ElastiCache::ReplicationGroup") {
		if token := fmt.Sprint(r.properties()["AuthToken"]); !strings.Contains(token, "{{resolve:secretsmanager:") {
			t.Errorf("%s %s: the token is no dynamic reference: %s", r.where, r.id, token)
		}
	}
}

func TestUserDataFits(t *testing.T) {
	for _, r := range every(t, "AWS::EC2::LaunchTemplate") {
		text := fmt.Sprint(mapOf(r.properties()["LaunchTemplateData"])["UserData"])
		if len(text) > 12*1024 { // EC2 takes 16 KB; ARNs are longer than the names that stand for them here
			t.Errorf("%s %s: user data has %d bytes", r.where, r.id, len(text))
		}
	}
}
