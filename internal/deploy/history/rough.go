package history

import (
	"time"

	"distributed-moodle/internal/cfn/status"
)

// rough is for a site without a past: what it took others, in round figures. The source is beside each. "Logs" are
// those that people have published of their own deployments, most of them of Terraform, which waits for the same states
// of the same services; CloudFormation adds some seconds of its own. A type that is not here takes seconds, or as long
// as what runs in it.
var rough = map[work]time.Duration{
	{"AWS::EC2::NatGateway", status.Create}:                      105 * time.Second, // 8 logs: 1m25s to 2m5s
	{"AWS::EC2::NatGateway", status.Delete}:                      50 * time.Second,  // 4 logs: 42 s to 61 s
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", status.Create}: 150 * time.Second, // 9 logs: 2m15s to 3m7s
	{"AWS::RDS::DBCluster", status.Create}:                       time.Minute,       // 1 log: 43 s, Aurora, empty; from a snapshot it takes a multiple
	{"AWS::RDS::DBCluster", status.Delete}:                       time.Minute,       // 1 log: 1m3s
	{"AWS::RDS::DBInstance", status.Create}:                      7 * time.Minute,   // 1 log of an Aurora instance: 6m21s; AWS: 10 to 20 minutes with its cluster
	{"AWS::RDS::DBInstance", status.Delete}:                      12 * time.Minute,  // 1 log of an Aurora instance: 11m47s
	{"AWS::ElastiCache::ReplicationGroup", status.Create}:        7 * time.Minute,   // 4 logs: 5m58s to 9m15s
	{"AWS::EFS::FileSystem", status.Create}:                      12 * time.Second,  // 1 log
	{"AWS::EFS::MountTarget", status.Create}:                     90 * time.Second,  // more than a minute in 1 log; 90 s is what AWS advises to wait for its name
	{"AWS::CertificateManager::Certificate", status.Create}:      3 * time.Minute,   // 4 logs of a validation by DNS: 1m29s to 8m52s
	{"AWS::IAM::Role", status.Create}:                            12 * time.Second,  // 1 log of CloudFormation
	{"AWS::IAM::InstanceProfile", status.Create}:                 2 * time.Minute,   // 1 log of CloudFormation: 2m1s, a fixed wait of its own
	{"AWS::Route53::RecordSet", status.Create}:                   35 * time.Second,  // 1 log
}
