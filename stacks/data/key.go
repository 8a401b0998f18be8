package data

import (
	"github.com/awslabs/goformation/v7/cloudformation/kms"

	"distributed-moodle/internal/generate/template"
)

// addKey adds one key for all data of the site: without its key data is lost, so there is one to protect, not five.
func (b *builder) addKey() {
	b.key = b.Add("DataKey", "Encrypts file system, database, cache and secrets. If it is deleted, their data and backups can never be read again", &kms.Key{
		Description:       new("Encrypts the data of " + b.env.Site),
		EnableKeyRotation: new(true),
		KeyPolicy: template.PolicyOf(template.Statement{
			Sid: "AccountDecides", Effect: "Allow",
			Principal: map[string]string{"AWS": template.Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
			Action:    "kms:*", Resource: "*",
		}),
		PendingWindowInDays: new(30),
	}).RetainExceptOnCreate()
	b.exported.Key = b.Export("DataKeyArn", "Key that encrypts the site's data", b.key.GetAtt("Arn"))
}
