package gate

import "slices"

var (
	databases    = []string{"AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::GlobalCluster"}
	caches       = []string{"AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::CacheCluster"}
	cacheParts   = []string{"Engine", "EngineVersion", "CacheParameterGroupName"}
	replicaParts = []string{"NumCacheClusters", "ReplicasPerNodeGroup", "AutomaticFailoverEnabled", "MultiAZEnabled"}
	engineParts  = []string{
		"EngineVersion", "DBClusterParameterGroupName", "DBInstanceParameterGroupName", "DBParameterGroupName",
	}
)

// irreversibles are the kinds of change in place without a way back, each with AWS's page. A change that replaces its
// resource is not one of these: the data of the old one is for [DataLoss]. Left out is what is safer afterwards and
// costs nothing but money: versions of a bucket's objects, which can only be suspended.
var irreversibles = slices.Concat(ofDatabases, ofCaches, ofStorage)

var ofDatabases = []irreversible{
	{
		// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.PostgreSQL.MajorVersion.html
		types: databases[:1], path: "EngineVersion", with: engineParts, snapshot: true,
		says: newerEngine, steps: beforeEngine,
	},
	{
		// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.html
		types: databases[1:], path: "EngineVersion", with: engineParts,
		says: newerEngine, steps: beforeInstanceEngine,
	},
	{
		// Existing clusters become I/O-Optimized once in 30 days, and standard again at any time:
		// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Overview.StorageReliability.html
		types: databases[:1], path: "StorageType", with: []string{"StorageType"},
		says: standardStorage, steps: keep("StorageType"), stays: true,
	},
	{
		// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html
		types: databases[:2], path: "AllocatedStorage", with: []string{"AllocatedStorage", "Iops", "StorageThroughput"},
		says: moreStorage, steps: keep("AllocatedStorage"), stays: true,
	},
	{
		// MasterUserSecretKmsKeyId of
		// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html: the key of a secret that
		// RDS manages already can't be changed.
		types: databases[:2], path: "MasterUserSecret.KmsKeyId", with: []string{"MasterUserSecret.KmsKeyId"},
		fails: true, says: otherSecretKey, steps: keep("MasterUserSecret.KmsKeyId"), stays: true,
	},
}

var ofCaches = []irreversible{
	{
		// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement-upgrade-considerations.html
		types: caches, path: "EngineVersion", with: cacheParts,
		says: newerCacheEngine, steps: beforeCacheEngine,
	},
	{
		// Valkey does not become Redis again: https://github.com/hashicorp/terraform-provider-aws/issues/45229
		types: caches, path: "Engine", with: cacheParts,
		says: newerCacheEngine, steps: beforeCacheEngine,
	},
	{
		// A public report: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/383
		types: caches[:1], path: "AutomaticFailoverEnabled", with: replicaParts,
		says: replicasWithFailover, steps: keepReplicas, stays: true,
	},
	{
		// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/modify-cluster-mode.html: it cannot be reverted.
		types: caches[:1], path: "ClusterMode", with: append(slices.Clone(cacheParts), "ClusterMode"),
		says: clusterMode, steps: keep("ClusterMode"), stays: true,
	},
}

var ofStorage = []irreversible{
	{
		// https://docs.aws.amazon.com/efs/latest/ug/API_LifecyclePolicy.html: Archive needs elastic throughput.
		types: []string{"AWS::EFS::FileSystem"}, path: "ThroughputMode",
		with: []string{"ThroughputMode", "ProvisionedThroughputInMibps", "LifecyclePolicies"},
		says: noLongerElastic, steps: beforeThroughput,
	},
	{
		// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
		types: []string{"AWS::KMS::Key"}, path: "BypassPolicyLockoutSafetyCheck",
		with: []string{"BypassPolicyLockoutSafetyCheck", "KeyPolicy"},
		says: becomesTrue("KMS no longer checks that somebody may still change the key's policy: " +
			"a mistake in it leaves a key that nobody can manage, and data that only AWS Support may save"),
		steps: keep("BypassPolicyLockoutSafetyCheck"), stays: true,
	},
	{
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
		types: []string{"AWS::S3::Bucket"}, path: "ObjectLockEnabled",
		with:  []string{"ObjectLockEnabled", "ObjectLockConfiguration", "VersioningConfiguration"},
		says:  becomesTrue("the bucket gets Object Lock, which can never be taken off again"),
		steps: keep("ObjectLockEnabled"), stays: true,
	},
	{
		// https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
		types: []string{"AWS::Backup::BackupVault"}, path: "LockConfiguration", with: []string{"LockConfiguration"},
		says: lockedVault, steps: keep("LockConfiguration"), stays: true,
	},
}
