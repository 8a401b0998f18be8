package data

import (
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/elasticache"
	"github.com/awslabs/goformation/v7/cloudformation/secretsmanager"

	"distributed-moodle/internal/generate/template"
)

// cacheVersion is the version of Valkey; ElastiCache names the family of its parameters after the major one
// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html).
const cacheVersion = "8.0"

func (b *builder) addCache() {
	c := b.env.Cache
	secret := b.Add("CacheSecret", "Password (AUTH token) of the cache, which nodes log in with", &secretsmanager.Secret{
		Description: new("Token that the nodes of " + b.env.Site + " present to the cache"),
		GenerateSecretString: &secretsmanager.Secret_GenerateSecretString{
			ExcludePunctuation: new(true), GenerateStringKey: new("password"), PasswordLength: new(64),
			SecretStringTemplate: new(`{}`),
		},
		KmsKeyId: new(b.key.GetAtt("Arn")),
	}).
		RetainExceptOnCreate()
	subnets := b.Add(
		"CacheSubnets",
		"Puts the cache into the database's subnets, which have no route to the internet",
		&elasticache.SubnetGroup{
			Description: "Data subnets of " + b.env.Site + ", without a route to the internet",
			SubnetIds:   template.Values(b.net.DataSubnets),
		},
	)
	// The one maintenance window is for all nodes: nodes of a replication group have none of their own
	// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/maintenance-window.html). With a replica ElastiCache
	// replaces nodes while the cache takes writes
	// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html).
	replicated := *c.Replicas > 0
	cache := b.Add("Cache", b.cacheReason(replicated), &elasticache.ReplicationGroup{
		AtRestEncryptionEnabled:     new(true),
		AuthToken:                   new(template.Sub("{{resolve:secretsmanager:${CacheSecret}:SecretString:password}}")),
		AutoMinorVersionUpgrade:     c.MinorUpgrades,
		AutomaticFailoverEnabled:    new(replicated),
		CacheNodeType:               new(c.NodeType),
		CacheParameterGroupName:     new(b.addCacheParameters().Ref()),
		CacheSubnetGroupName:        new(subnets.Ref()),
		Engine:                      new("valkey"),
		EngineVersion:               new(cacheVersion),
		KmsKeyId:                    new(b.key.GetAtt("Arn")),
		MultiAZEnabled:              new(replicated),
		NumCacheClusters:            new(*c.Replicas + 1),
		PreferredMaintenanceWindow:  new(c.MaintenanceWindow),
		ReplicationGroupDescription: "Sessions and caches of the nodes of " + b.env.Site,
		SecurityGroupIds:            []string{b.net.CacheSecurityGroup.Value()},
		Tags:                        template.Name(b.env.Site),
		TransitEncryptionEnabled:    new(true),
	}).Disposable()
	b.exported.CacheAddress = b.Export(
		"CacheAddress", "Host name of the cache's primary node", cache.GetAtt("PrimaryEndPoint.Address"),
	)
	b.exported.CacheSecret = b.Export("CacheSecretArn", "Token of the cache", secret.Ref())
}

// addCacheParameters sets what a full cache evicts. The default, volatile-lru, evicts only entries with an expiry time:
// users' sessions, and none of Moodle's caches; once no session is left, every write fails
// (https://valkey.io/topics/lru-cache/).
func (b *builder) addCacheParameters() *template.Resource {
	major, _, _ := strings.Cut(cacheVersion, ".")
	return b.Add(
		"CacheParameters",
		"Makes a full cache evict the entries that were not used for longest; the default would evict sessions first",
		&elasticache.ParameterGroup{
			CacheParameterGroupFamily: "valkey" + major,
			Description:               "Settings of the cache of " + b.env.Site,
			Properties:                map[string]string{"maxmemory-policy": "allkeys-lru"},
		},
	)
}

func (b *builder) cacheReason(replicated bool) string {
	if replicated {
		return "Sessions and caches of all nodes. When a cache node or its zone fails, a replica takes over and nobody is logged out"
	}
	return "Sessions and caches of all nodes, on one cache node: when it fails, everybody has to log in again"
}
