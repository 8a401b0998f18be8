package changeset

// stackType is a nested stack as a resource.
const stackType = "AWS::CloudFormation::Stack"

// stateful are types whose loss loses data. The manifest marks what a site keeps data in; this list speaks for resources that
// a new template no longer has, which no manifest of it can know. A nested stack that goes takes along whatever is in it.
var stateful = map[string]bool{
	stackType:                           true,
	"AWS::Backup::BackupVault":          true,
	"AWS::DynamoDB::Table":              true,
	"AWS::EC2::Volume":                  true,
	"AWS::EFS::AccessPoint":             false, // a door to the data, not the data
	"AWS::EFS::FileSystem":              true,
	"AWS::KMS::Key":                     true, // what it has encrypted is lost with it
	"AWS::Logs::LogGroup":               true,
	"AWS::RDS::DBCluster":               true,
	"AWS::RDS::DBInstance":              true,
	"AWS::S3::Bucket":                   true,
	"AWS::SecretsManager::Secret":       true,
	"AWS::ElastiCache::ServerlessCache": false, // sessions and caches: users sign in again
}

// Holds reports whether a resource holds data, by its stack's path, its logical id and its type; known is false for a resource that it
// has never heard of.
type Holds func(path []string, logicalID, resourceType string) (holds, known bool)

// Data reports whether a resource holds data: by h where that knows it, else by its type. A nested stack always may.
func (h Holds) Data(path []string, logicalID, resourceType string) bool {
	if h != nil && resourceType != stackType {
		if holds, known := h(path, logicalID, resourceType); known {
			return holds
		}
	}
	return stateful[resourceType]
}
