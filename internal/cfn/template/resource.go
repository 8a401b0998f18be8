package template

import (
	"slices"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/stateful"
)

// Resource is a resource of a template.
type Resource struct {
	LogicalID, Type string

	definition map[string]any // all of it: Type, Properties, DeletionPolicy, …; nil when there is no such resource
}

// Exists reports whether the template has the resource.
func (r Resource) Exists() bool { return r.definition != nil }

// Properties returns all of the resource's properties.
func (r Resource) Properties() Value { return Value{r.definition["Properties"]} }

// Property returns the property at a dotted path, list items by number: SecurityGroupIngress.0.CidrIp.
func (r Resource) Property(path string) Value { return r.Properties().At(path) }

// Attribute returns an attribute of the resource, at a dotted path: UpdatePolicy.AutoScalingRollingUpdate,
// CreationPolicy, Metadata.
func (r Resource) Attribute(path string) Value {
	if r.definition == nil {
		return Value{}
	}
	return Value{any(r.definition)}.At(path)
}

// DependsOn returns the logical ids of the resources that must be there first, sorted. A template names one as a text
// or several as a list
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html).
func (r Resource) DependsOn() []string {
	var all []string
	for _, other := range r.Attribute("DependsOn").Items() {
		all = append(all, other.String())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// DeletionPolicy returns the resource's deletion policy; "" when it has none.
func (r Resource) DeletionPolicy() string { return r.policy("DeletionPolicy") }

// UpdateReplacePolicy returns what the resource says about its own replacement; "" when it says nothing.
func (r Resource) UpdateReplacePolicy() string { return r.policy("UpdateReplacePolicy") }

func (r Resource) policy(name string) string {
	policy, _ := r.Attribute(name).Literal()
	return policy
}

// NestedStack reports whether the resource is a stack of its own.
func (r Resource) NestedStack() bool { return r.Type == stateful.NestedStack }

// TemplateAddress returns the address of a nested stack's template as it is written: a text, or the text of a !Sub.
func (r Resource) TemplateAddress() string {
	address := r.Property("TemplateURL")
	if text, ok := address.At("Fn::Sub").Literal(); ok {
		return text
	}
	return address.String()
}

// LoadBalancerAttribute returns the value of one of a load balancer's attributes, which are a list of keys and values.
func (r Resource) LoadBalancerAttribute(key string) Value {
	for _, attribute := range r.Property("LoadBalancerAttributes").Items() {
		if attribute.At("Key").String() == key {
			return attribute.At("Value")
		}
	}
	return Value{}
}

// DeletionProtected reports whether the service refuses to delete the resource until its protection is switched off: a
// database or a load balancer.
func (r Resource) DeletionProtected() bool {
	return r.Property("DeletionProtection").IsTrue() || r.LoadBalancerAttribute(DeletionProtectionAttribute).IsTrue()
}

// DeletionProtectionAttribute is the load balancer's attribute that protects it from being deleted
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-elasticloadbalancingv2-loadbalancer-loadbalancerattribute.html).
const DeletionProtectionAttribute = "deletion_protection.enabled"

// OnDeletion returns what becomes of the resource when its stack no longer has it, by its DeletionPolicy. Without one a
// database is copied first, everything else is deleted
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html).
func (r Resource) OnDeletion() changeset.PolicyAction {
	if policy := r.DeletionPolicy(); policy != "" {
		return policyAction(policy)
	}
	if r.Type == "AWS::RDS::DBCluster" ||
		r.Type == "AWS::RDS::DBInstance" && !r.Property("DBClusterIdentifier").Exists() {
		return changeset.PolicySnapshot
	}
	return changeset.PolicyDelete
}

// onReplacement returns what becomes of the old one of a resource that is replaced: the worse of what the two templates
// say. The default of UpdateReplacePolicy is to delete, for databases too.
func onReplacement(old, new Resource) changeset.PolicyAction {
	a, b := policyAction(old.UpdateReplacePolicy()), policyAction(new.UpdateReplacePolicy())
	for _, worst := range []changeset.PolicyAction{changeset.PolicyDelete, changeset.PolicySnapshot} {
		if a == worst || b == worst {
			return worst
		}
	}
	return changeset.PolicyRetain
}

// policyAction returns what happens to a resource under a policy.
func policyAction(policy string) changeset.PolicyAction {
	switch policy {
	case "Retain", "RetainExceptOnCreate":
		return changeset.PolicyRetain
	case "Snapshot":
		return changeset.PolicySnapshot
	}
	return changeset.PolicyDelete
}
