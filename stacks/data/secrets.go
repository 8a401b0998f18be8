package data

import "github.com/awslabs/goformation/v7/cloudformation/secretsmanager"

// DatabaseSecretOutput is the key of the output with the secret that names the current database role.
const DatabaseSecretOutput = "DatabaseSecretArn"

// Two database roles alternate. They differ in their endings; the node's files know both by name.
const (
	role             = "moodle"
	FirstRoleEnding  = "_a" // of the role that a new site begins with
	SecondRoleEnding = "_b"
)

// addSecrets adds the generated passwords. They exist in Secrets Manager only; nodes read them with their role.
func (b *builder) addSecrets() {
	database := b.Add("DatabaseSecret", "Moodle's own database role. Two roles alternate and the secret names the current one, so that no request fails when the password changes",
		b.generated("Database role of Moodle on "+b.env.Site, `{"username": "`+role+FirstRoleEnding+`"}`, 40)).
		RetainExceptOnCreate()
	administrator := b.Add("AdministratorSecret", "First password of Moodle's administrator. Once it is changed in Moodle, this secret is no longer used",
		b.generated("First administrator of Moodle on "+b.env.Site, `{"username": "admin"}`, 20)).
		RetainExceptOnCreate()
	b.exported.DatabaseSecret = b.Export(DatabaseSecretOutput, "Moodle's database role", database.Ref())
	b.exported.AdministratorSecret = b.Export(
		"AdministratorSecretArn", "Moodle's first administrator", administrator.Ref(),
	)
}

// generated returns a secret with a user name and a password of letters and digits only, which no configuration file
// has to quote.
func (b *builder) generated(description, template string, length int) *secretsmanager.Secret {
	return &secretsmanager.Secret{
		Description: new(description),
		GenerateSecretString: &secretsmanager.Secret_GenerateSecretString{
			ExcludePunctuation:   new(true),
			GenerateStringKey:    new("password"),
			PasswordLength:       new(length),
			SecretStringTemplate: new(template),
		},
		KmsKeyId: new(b.key.GetAtt("Arn")),
	}
}
