package preflight

import (
	"slices"

	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
)

// nodeGroup is an Auto Scaling group of the new templates, as far as it decides what EC2 has to offer.
type nodeGroup struct {
	name  string   // App/NodeGroup
	types []string // any of which its instances may be
	zones []string // that it may start instances in
	most  int      // instances at most, by its own size and all planned ones
	batch int      // that a rolling update runs besides
	// changes reports whether any of this differs from what is deployed.
	changes bool
}

func (g nodeGroup) same(other nodeGroup) bool {
	return g.name == other.name && g.most == other.most && g.batch == other.batch &&
		slices.Equal(g.types, other.types) && slices.Equal(g.zones, other.zones)
}

// generation picks the deployed or the new template of a stack.
type generation func(gate.Stack) *template.Template

func oldTemplate(s gate.Stack) *template.Template { return s.Old }
func newTemplate(s gate.Stack) *template.Template { return s.New }

func groupsOf(stacks []gate.Stack) []nodeGroup {
	before, after := groupsIn(stacks, oldTemplate), groupsIn(stacks, newTemplate)
	for i, g := range after {
		after[i].changes = !slices.ContainsFunc(before, g.same)
	}
	return after
}

// groupsIn returns the groups of one generation of the templates.
func groupsIn(stacks []gate.Stack, pick generation) []nodeGroup {
	var all []nodeGroup
	for _, s := range stacks {
		t := pick(s)
		for _, r := range t.Resources() {
			if r.Type != "AWS::AutoScaling::AutoScalingGroup" {
				continue
			}
			all = append(all, nodeGroup{
				name: inStack(s, r.LogicalID), types: typesOf(t, r),
				zones: zonesOfSubnets(stacks, pick, t, r.Property("VPCZoneIdentifier")),
				most:  mostOf(t, r), batch: batchOf(r),
			})
		}
	}
	return all
}

// typesOf returns a group's instance types: its overrides, or what its launch template says.
func typesOf(t *template.Template, group template.Resource) []string {
	var all []string
	policy := group.Property("MixedInstancesPolicy.LaunchTemplate")
	for _, override := range policy.Key("Overrides").Items() {
		if kind, ok := override.Key("InstanceType").Literal(); ok {
			all = append(all, kind)
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, r := range t.Resources() {
		kind, ok := r.Property("LaunchTemplateData.InstanceType").Literal()
		used := policy.At("LaunchTemplateSpecification.LaunchTemplateId").RefersTo(r.LogicalID) ||
			group.Property("LaunchTemplate.LaunchTemplateId").RefersTo(r.LogicalID)
		if ok && used {
			all = append(all, kind)
		}
	}
	return all
}

// mostOf returns how many instances a group has at most, by its own size and those planned for it.
func mostOf(t *template.Template, group template.Resource) int {
	size, _ := group.Property("MaxSize").Number()
	for _, r := range t.Resources() {
		if r.Type != "AWS::AutoScaling::ScheduledAction" ||
			!r.Property("AutoScalingGroupName").RefersTo(group.LogicalID) {
			continue
		}
		planned, _ := r.Property("MaxSize").Number()
		size = max(size, planned)
	}
	return int(size)
}

// batchOf returns how many instances a rolling update of a group starts at a time; 1 when the policy does not say
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html).
func batchOf(group template.Resource) int {
	policy := group.Attribute("UpdatePolicy.AutoScalingRollingUpdate")
	if !policy.Exists() {
		return 0
	}
	if size, ok := policy.Key("MaxBatchSize").Number(); ok {
		return int(size)
	}
	return 1
}

// zonesOfSubnets returns the zones of the subnets that a value of one template refers to or imports.
func zonesOfSubnets(
	stacks []gate.Stack, pick generation, own *template.Template, subnets template.Value,
) []string {
	var all []string
	for _, s := range stacks {
		t := pick(s)
		for _, r := range t.Resources() {
			zone, ok := r.Property("AvailabilityZone").Literal()
			if r.Type != "AWS::EC2::Subnet" || !ok {
				continue
			}
			if t == own && subnets.RefersTo(r.LogicalID) || imports(subnets, t, r.LogicalID) {
				all = append(all, zone)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// imports reports whether a value imports an export of a template that a resource is the value of.
func imports(value template.Value, from *template.Template, logicalID string) bool {
	for name, export := range from.Exports() {
		if export.Value.RefersTo(logicalID) && value.Imports(name) {
			return true
		}
	}
	return false
}
