package gate

import "fmt"

// QuietHours tells under which planned sizes nodes can't be replaced: CloudFormation keeps a number of them in service
// meanwhile, which must be below the most that the group may have
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html).
func QuietHours(f Facts) []string {
	var all []string
	for _, s := range f.Stacks {
		kept := map[string]float64{}
		for _, r := range s.New.Resources() {
			if n, literal := r.Attribute("UpdatePolicy.AutoScalingRollingUpdate.MinInstancesInService").Number(); literal {
				kept["!Ref "+r.LogicalID] = n
			}
		}
		for _, r := range s.New.Resources() {
			keep, known := kept[r.Property("AutoScalingGroupName").String()]
			most, literal := r.Property("MaxSize").Number()
			if r.Type != "AWS::AutoScaling::ScheduledAction" || !known || !literal || most > keep {
				continue
			}
			all = append(
				all,
				fmt.Sprintf(
					"from %s/%s on at most %v nodes run, and replacing nodes keeps %v in service: do not deploy this until the next planned size applies: it would fail and be rolled back",
					s.Path, r.LogicalID, most, keep,
				),
			)
		}
	}
	return all
}
