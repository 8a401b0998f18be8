package data

import (
	"github.com/awslabs/goformation/v7/cloudformation/elasticache"
	"github.com/awslabs/goformation/v7/cloudformation/secretsmanager"

	"distributed-moodle/internal/template"
)

func (b *builder) addCache() {
	c := b.env.Cache
	secret := b.Add("CacheSecret", "Token that nodes present to the cache", &secretsmanager.Secret{
		Description: new("Cache of " + b.env.Site),
		GenerateSecretString: &secretsmanager.Secret_GenerateSecretString{
			ExcludePunctuation: new(true), GenerateStringKey: new("password"), PasswordLength: new(64), SecretStringTemplate: new(`{}`),
		},
		KmsKeyId: new(b.key.Att("Arn")),
	}).RetainExceptOnCreate()
	subnets := b.Add("CacheSubnets", "The cache stands where the database stands: no way out", &elasticache.SubnetGroup{
		Description: "Data subnets of " + b.env.Site,
		SubnetIds:   template.Values(b.net.DataSubnets),
	})
	replicated := *c.Replicas > 0
	cache := b.Add("Cache", b.cacheReason(replicated), &elasticache.ReplicationGroup{
		AtRestEncryptionEnabled:     new(true),
		AuthToken:                   new(template.Sub("{{resolve:secretsmanager:${CacheSecret}:SecretString:password}}")),
		AutoMinorVersionUpgrade:     new(!b.env.Production),
		AutomaticFailoverEnabled:    new(replicated),
		CacheNodeType:               new(c.NodeType),
		CacheSubnetGroupName:        new(subnets.Ref()),
		Engine:                      new("valkey"),
		EngineVersion:               new("8.0"),
		KmsKeyId:                    new(b.key.Att("Arn")),
		MultiAZEnabled:              new(replicated),
		NumCacheClusters:            new(*c.Replicas + 1),
		ReplicationGroupDescription: "Sessions and caches of " + b.env.Site,
		SecurityGroupIds:            []string{b.net.CacheSecurityGroup.Value()},
		Tags:                        template.Name(b.env.Site),
		TransitEncryptionEnabled:    new(true),
	}).Disposable()
	b.exported.CacheAddress = b.Export("CacheAddress", "Host name of the cache's primary node", cache.Att("PrimaryEndPoint.Address"))
	b.exported.CacheSecret = b.Export("CacheSecretArn", "Token of the cache", secret.Ref())
}

func (b *builder) cacheReason(replicated bool) string {
	if replicated {
		return "Sessions and caches of all nodes. When its node or zone fails a replica takes over, and nobody is logged out"
	}
	return "Sessions and caches of all nodes, on one node: when it fails everybody logs in again"
}
