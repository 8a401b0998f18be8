package gate

import "fmt"

// sizes are properties that say how much a site can carry.
var sizes = []struct{ kind, path, what string }{
	{"AWS::AutoScaling::AutoScalingGroup", "MinSize", "nodes at least"},
	{"AWS::AutoScaling::AutoScalingGroup", "MaxSize", "nodes at most"},
	{"AWS::AutoScaling::ScheduledAction", "MinSize", "planned nodes at least"},
	{"AWS::AutoScaling::ScheduledAction", "MaxSize", "planned nodes at most"},
	{"AWS::RDS::DBCluster", "ServerlessV2ScalingConfiguration.MinCapacity", "database capacity units at least"},
	{"AWS::RDS::DBCluster", "ServerlessV2ScalingConfiguration.MaxCapacity", "database capacity units at most"},
	{"AWS::ElastiCache::ReplicationGroup", "NumCacheClusters", "cache nodes"},
}

// capacityCut finds sizes that fall below half of what they are.
func capacityCut(f Facts) []Finding {
	var all []Finding
	for _, d := range f.differences() {
		for _, p := range d.Properties {
			for _, s := range sizes {
				before, known := p.Old.Number()
				after, literal := p.New.Number()
				if s.kind != d.Type || s.path != p.Path || !known || !literal || after >= before/2 {
					continue
				}
				all = append(all, Finding{
					Code: CapacityCut, Subject: d.subject(), Facts: []Fact{fact(p.Path, p.Old, p.New)},
					What: fmt.Sprintf("%s fall from %v to %v, below half", s.what, p.Old, p.New),
					Steps: []string{
						"look at the load of the last weeks (aws cloudwatch get-metric-statistics), and at the calendar",
						"to keep it: application.capacity or .schedules, database.capacity, cache.replicas in the environment file",
					},
					LastResort: "or pass --accept with the reason",
				})
			}
		}
	}
	return all
}
