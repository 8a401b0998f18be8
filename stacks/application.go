package stacks

import (
	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/stacks/app"
	"distributed-moodle/stacks/data"
)

// applicationOf returns all that the deployer knows of Moodle and of this repository. The deployer itself serves any
// folder of templates.
func applicationOf(env *environment.Environment) *manifest.Application {
	return &manifest.Application{
		Name: app.Name,
		Outputs: manifest.Outputs{
			Address: app.AddressOutput, DatabaseSecret: data.DatabaseSecretOutput, VersionSuffix: app.VersionSuffix,
			CodeSuffix: app.CodeSuffix,
			LogGroup:   data.LogGroupOutput, LogDays: data.LogDaysOutput,
		},
		Advice: manifest.Advice{
			Generate: "make templates",
			Upgrade:  "raise moodle.version in " + env.Path + ", generate, run deploy lock, generate and review",
			Restore:  "docs/runbook.md, \"Upgrade Moodle\", says when it is needed",
		},
		Keys: map[string]string{
			"AWS::RDS::DBCluster.EngineVersion":                   "database.version",
			"AWS::RDS::DBCluster.SnapshotIdentifier":              "database.snapshot",
			"AWS::ElastiCache::ReplicationGroup.NumCacheClusters": "cache.replicas",
			"AWS::EFS::FileSystem.ThroughputMode":                 "filesystem.throughput",
		},
		RoleEndings: []string{data.FirstRoleEnding, data.SecondRoleEnding},
	}
}
