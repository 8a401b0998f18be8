package changeset

// stackType is the type of a nested stack.
const stackType = "AWS::CloudFormation::Stack"

// stateful are types whose loss loses data. The manifest marks a site's resources with data; this list is for resources that a
// new template no longer has, so that its manifest does not list them. Deleting a nested stack deletes everything in it.
var stateful = map[string]bool{
	stackType:                           true,
	"AWS::Backup::BackupVault":          true,
	"AWS::DynamoDB::Table":              true,
	"AWS::EC2::Volume":                  true,
	"AWS::EFS::AccessPoint":             false, // an access to the data, not the data
	"AWS::EFS::FileSystem":              true,
	"AWS::KMS::Key":                     true, // data that it encrypts is lost with it
	"AWS::Logs::LogGroup":               true,
	"AWS::RDS::DBCluster":               true,
	"AWS::RDS::DBInstance":              true,
	"AWS::S3::Bucket":                   true,
	"AWS::SecretsManager::Secret":       true,
	"AWS::ElastiCache::ServerlessCache": false, // sessions and caches: users sign in again
}

// Holds reports whether a resource holds data, by its stack's path, its logical id and its type; known is false for a resource that it
// does not know.
type Holds func(path []string, logicalID, resourceType string) (holds, known bool)

// Data reports whether a resource may hold data: according to h, or by its type if h does not know it. A nested stack always may.
func (h Holds) Data(path []string, logicalID, resourceType string) bool {
	if h != nil && resourceType != stackType {
		if holds, known := h(path, logicalID, resourceType); known {
			return holds
		}
	}
	return stateful[resourceType]
}
