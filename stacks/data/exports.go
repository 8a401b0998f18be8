package data

import "distributed-moodle/internal/generate/template"

// Exports is what the data stack offers to the stacks after it.
type Exports struct {
	Key template.Import // ARN of the key that encrypts the site's data

	FileSystem     template.Import // file system id
	FileSystemArn  template.Import // its ARN, for policies
	AccessPoint    template.Import // access point id: /moodledata as www-data
	AccessPointArn template.Import // its ARN, for policies

	DatabaseAddress       template.Import // host name of the writer
	DatabaseReaderAddress template.Import // host name that answers from a reader, or from the writer when there is none
	DatabaseMasterSecret  template.Import // ARN of the secret that RDS keeps for the master user: used at installation only
	DatabaseSecret        template.Import // ARN of the secret of Moodle's own database role
	AdministratorSecret   template.Import // ARN of the secret of Moodle's first administrator

	CacheAddress template.Import `export:"optional"` // host name of the cache's primary node
	CacheSecret  template.Import `export:"optional"` // ARN of the secret with the cache's token
}
