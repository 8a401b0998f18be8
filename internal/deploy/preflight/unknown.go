package preflight

// unknown says of what is to be made, and may not be offered in the site's zones, that nobody was asked: no API tells.
func unknown(r *Report, made []plannedResource) {
	for _, m := range made {
		switch m.Type {
		case "AWS::EFS::FileSystem":
			if zone, ok := m.Property("AvailabilityZoneName").Literal(); ok && m.changes("AvailabilityZoneName") {
				r.notef(
					"whether EFS offers One Zone file systems in %s is unknown: some zones have none, and no API says which",
					zone,
				)
			}
		case "AWS::ElastiCache::ReplicationGroup":
			if kind, ok := m.Property("CacheNodeType").Literal(); ok && m.changes("CacheNodeType") {
				r.notef(
					"whether ElastiCache offers %s in the site's zones is unknown: no API says what a zone has", kind,
				)
			}
		}
	}
}
