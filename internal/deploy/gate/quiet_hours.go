package gate

import (
	"fmt"

	"distributed-moodle/internal/cfn/template"
)

// QuietHours tells under which planned sizes nodes can't be replaced: CloudFormation keeps a number of them in service meanwhile, which
// must be below the most that the group may have
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html).
func QuietHours(f Facts) []string {
	var all []string
	for _, s := range f.Stacks {
		resources := template.Resources(s.New, nil)
		kept := map[string]float64{}
		for _, r := range resources {
			policy, _ := r.Old["UpdatePolicy"].(map[string]any)
			rolling, _ := policy["AutoScalingRollingUpdate"].(map[string]any)
			if n, literal := asNumber(rolling["MinInstancesInService"]); literal {
				kept["!Ref "+r.ID] = n
			}
		}
		for _, r := range resources {
			properties, _ := r.Old["Properties"].(map[string]any)
			keep, known := kept[template.Text(properties["AutoScalingGroupName"])]
			most, literal := asNumber(properties["MaxSize"])
			if r.Type != "AWS::AutoScaling::ScheduledAction" || !known || !literal || most > keep {
				continue
			}
			all = append(all, fmt.Sprintf("from %s/%s on at most %v nodes run, and replacing nodes keeps %v in service: don't deploy this until the next planned size is in force, for it would fail and be rolled back",
				s.Path, r.ID, most, keep))
		}
	}
	return all
}
