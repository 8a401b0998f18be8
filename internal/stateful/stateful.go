// Package stateful knows the types of resources whose loss loses data, secrets or the way to read data. The generator
// asks it which resources must say what becomes of their data, the deployer which ones to guard.
package stateful

// NestedStack is the type of a stack within a stack. It takes along whatever is in it.
const NestedStack = "AWS::CloudFormation::Stack"

// holds is how much is known of a type. Types that are not here hold no data.
type holds int

const (
	nothing   holds = iota // it is here to say that somebody thought about it
	data                   // each resource of the type holds data
	sometimes              // it depends on more than the type
)

var types = map[string]holds{
	NestedStack:                         sometimes,
	"AWS::Backup::BackupVault":          data,
	"AWS::DynamoDB::Table":              data,
	"AWS::EC2::Volume":                  data,
	"AWS::EFS::AccessPoint":             nothing, // a door to the data, not the data
	"AWS::EFS::FileSystem":              data,
	"AWS::ElastiCache::ServerlessCache": nothing, // sessions and caches: users sign in again
	"AWS::KMS::Key":                     data,    // what it has encrypted is lost with it
	"AWS::Logs::LogGroup":               data,
	"AWS::RDS::DBCluster":               data,
	"AWS::RDS::DBInstance":              sometimes, // one that belongs to a cluster holds none, the cluster does
	"AWS::S3::Bucket":                   data,
	"AWS::SecretsManager::Secret":       data,
}

// Always reports whether every resource of a type holds data.
func Always(resourceType string) bool { return types[resourceType] == data }

// Possibly reports whether a resource of a type may hold data.
func Possibly(resourceType string) bool { return types[resourceType] != nothing }
