package gate

import "fmt"

// NamesRemoved tells which DNS names a plan takes away. It deletes no data, and nobody finds the site by the name until
// it is pointed there again.
func NamesRemoved(f Facts) []string {
	var all []string
	for _, s := range f.Stacks {
		if s.Old == nil || s.New == nil {
			continue
		}
		for _, r := range s.Old.Resources() {
			if name := r.Property("Name").String(); r.Type == recordSet && name != "" && !s.New.Resource(r.LogicalID).Exists() {
				all = append(all, fmt.Sprintf(
					"%s/%s: the record of %s goes: point the name at the load balancer yourself in the same minute, or nobody finds the site",
					s.Path, r.LogicalID, name,
				))
			}
		}
	}
	return all
}

const recordSet = "AWS::Route53::RecordSet"
