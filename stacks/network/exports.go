package network

import "distributed-moodle/internal/generate/template"

// Exports is what the network stack offers to the stacks after it. Lists are in the order of the environment's zones.
type Exports struct {
	VPC                template.Import   // VPC id
	PublicSubnets      []template.Import // subnet ids: load balancer, NAT gateways
	ApplicationSubnets []template.Import // subnet ids: nodes; outward through NAT, no way in
	DataSubnets        []template.Import // subnet ids: database, file system, cache; no way out or in

	LoadBalancerSecurityGroup template.Import // group id: admits visitors
	ApplicationSecurityGroup  template.Import // group id: admits the load balancer
	FileSystemSecurityGroup   template.Import // group id: admits nodes on NFS
	DatabaseSecurityGroup     template.Import // group id: admits nodes on PostgreSQL
	CacheSecurityGroup        template.Import // group id: admits nodes on Valkey; exists even without a cache

	LogKey template.Import // ARN of the key that encrypts the site's logs
}
