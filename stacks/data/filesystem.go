package data

import (
	"fmt"
	"slices"

	"github.com/awslabs/goformation/v7/cloudformation/efs"

	"distributed-moodle/internal/generate/template"
)

// webUser is www-data of Debian and Ubuntu, by number: PHP and cron run as it on every node.
const webUser = "33"

// addFileSystem adds the file system under the logical id of its type. A regional one and one in one zone can't be changed into each other, so
// they and what depends on them have their own logical ids and exports (docs/decisions/004-logical-ids.md).
func (b *builder) addFileSystem() {
	kind := ""
	if b.oneZone() {
		kind = "OneZone"
	}
	fs := b.Add("FileSystem"+kind, b.filesystemReason(), b.filesystem()).RetainExceptOnCreate()
	for i, zone := range b.env.Network.Zones {
		if b.oneZone() && zone != b.env.Filesystem.Zone {
			continue
		}
		b.Add("MountTarget"+kind+letter(zone), "The address at which nodes in "+zone+" mount the file system", &efs.MountTarget{
			FileSystemId:   fs.Ref(),
			SecurityGroups: []string{b.net.FileSystemSecurityGroup.Value()},
			SubnetId:       b.net.DataSubnets[i].Value(),
		})
	}
	point := b.Add("MoodleData"+kind, "Nodes see Moodle's data directory only, and every file in it belongs to www-data, whoever writes it", &efs.AccessPoint{
		AccessPointTags: []efs.AccessPoint_AccessPointTag{{Key: new("Name"), Value: new(b.name("moodledata"))}},
		FileSystemId:    fs.Ref(),
		PosixUser:       &efs.AccessPoint_PosixUser{Gid: webUser, Uid: webUser},
		RootDirectory: &efs.AccessPoint_RootDirectory{
			CreationInfo: &efs.AccessPoint_CreationInfo{OwnerGid: webUser, OwnerUid: webUser, Permissions: "0770"},
			Path:         new("/moodledata"),
		},
	})
	b.exported.FileSystem = b.Export("FileSystem"+kind+"Id", "Holds Moodle's data directory", fs.Ref())
	b.exported.FileSystemArn = b.Export("FileSystem"+kind+"Arn", "The same, for policies", fs.GetAtt("Arn"))
	b.exported.AccessPoint = b.Export("MoodleData"+kind+"Id", "Access point of Moodle's data directory", point.Ref())
	b.exported.AccessPointArn = b.Export("MoodleData"+kind+"Arn", "The same, for policies", point.GetAtt("Arn"))
}

func (b *builder) oneZone() bool { return b.env.Filesystem.Type == "oneZone" }

func (b *builder) filesystemReason() string {
	if b.oneZone() {
		return "Students' files, stored in " + b.env.Filesystem.Zone + " only: cheaper, but if that zone is lost only the backups remain"
	}
	return "Students' files, stored in several zones at once"
}

func (b *builder) filesystem() *efs.FileSystem {
	f := b.env.Filesystem
	fs := &efs.FileSystem{
		BackupPolicy:      &efs.FileSystem_BackupPolicy{Status: map[bool]string{true: "ENABLED", false: "DISABLED"}[*f.Backup]},
		Encrypted:         new(true),
		FileSystemPolicy:  onlyOverTLS(),
		FileSystemTags:    []efs.FileSystem_ElasticFileSystemTag{{Key: "Name", Value: b.env.Site}},
		KmsKeyId:          new(b.key.GetAtt("Arn")),
		LifecyclePolicies: lifecycle(f.InfrequentAccessDays, f.ArchiveDays),
		PerformanceMode:   new("generalPurpose"),
		ThroughputMode:    new(f.Throughput),
	}
	if b.oneZone() {
		fs.AvailabilityZoneName = new(f.Zone)
	}
	return fs
}

// lifecycle moves files that nobody reads to cheaper storage and back on the first access. EFS accepts fixed numbers of days
// (https://docs.aws.amazon.com/efs/latest/ug/lifecycle-management-efs.html).
func lifecycle(infrequent, archive int) []efs.FileSystem_LifecyclePolicy {
	var policies []efs.FileSystem_LifecyclePolicy
	if infrequent > 0 {
		policies = append(policies, efs.FileSystem_LifecyclePolicy{TransitionToIA: new(afterDays(infrequent))})
	}
	if archive > 0 {
		policies = append(policies, efs.FileSystem_LifecyclePolicy{TransitionToArchive: new(afterDays(archive))})
	}
	if len(policies) > 0 {
		policies = append(policies, efs.FileSystem_LifecyclePolicy{TransitionToPrimaryStorageClass: new("AFTER_1_ACCESS")})
	}
	return slices.Clip(policies)
}

func afterDays(n int) string {
	if n == 1 {
		return "AFTER_1_DAY"
	}
	return fmt.Sprintf("AFTER_%d_DAYS", n)
}

// onlyOverTLS allows a mount to those whose role allows it, and only with TLS. It cannot name the access point, which
// needs the file system first; the nodes' role does
// (https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html).
func onlyOverTLS() template.Policy {
	clients := []string{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"}
	return template.PolicyOf(
		template.Statement{
			Sid: "ThroughMountTargets", Effect: "Allow",
			Principal: map[string]string{"AWS": template.Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
			Action:    clients,
			Condition: map[string]any{"Bool": map[string]string{"elasticfilesystem:AccessedViaMountTarget": "true"}},
		},
		template.Statement{
			Sid: "NeverWithoutTLS", Effect: "Deny", Principal: map[string]string{"AWS": "*"}, Action: "*",
			Condition: map[string]any{"Bool": map[string]string{"aws:SecureTransport": "false"}},
		},
	)
}
