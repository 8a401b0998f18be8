package app

import (
	"fmt"
	"strconv"

	"github.com/awslabs/goformation/v7/cloudformation/autoscaling"
	"github.com/awslabs/goformation/v7/cloudformation/policies"

	"distributed-moodle/internal/template"
)

// groupID is the logical id of the Auto Scaling group, which nodes signal by.
const groupID = "NodeGroup"

// bootTime is how long a node may take until it signals, the first one with the installation of Moodle in it.
const bootTime = "PT30M"

func (b *builder) addFleet() {
	a := b.env.Application
	group := &autoscaling.AutoScalingGroup{
		HealthCheckGracePeriod: new(600),
		HealthCheckType:        new("ELB"),
		MaxSize:                strconv.Itoa(*a.Capacity.Maximum),
		MetricsCollection:      []autoscaling.AutoScalingGroup_MetricsCollection{{Granularity: "1Minute"}},
		MinSize:                strconv.Itoa(*a.Capacity.Minimum),
		MixedInstancesPolicy:   b.mixedInstances(),
		Tags:                   []autoscaling.AutoScalingGroup_TagProperty{{Key: "Name", PropagateAtLaunch: true, Value: b.name("node")}},
		TargetGroupARNs:        []string{b.targets.Ref()},
		TerminationPolicies:    []string{"OldestLaunchTemplate", "Default"},
		VPCZoneIdentifier:      template.Values(b.net.ApplicationSubnets),

		AWSCloudFormationUpdatePolicy: b.updatePolicy(),
	}
	if days := a.MaximumInstanceLifetimeDays; days > 0 {
		group.MaxInstanceLifetime = new(days * 24 * 60 * 60)
	}
	if *a.Capacity.Minimum > 0 {
		group.AWSCloudFormationCreationPolicy = &policies.CreationPolicy{
			ResourceSignal: &policies.ResourceSignal{Count: float64(*a.Capacity.Minimum), Timeout: bootTime},
		}
	}
	// No DesiredCapacity: it would undo, on every update, what scaling has decided.
	b.group = b.Add(groupID, "Keeps the nodes running: replaces who fails, grows with the load, and changes them one by one when their template changes", group).
		After(b.listener)
}

// mixedInstances offers the group every instance type in the file, in the file's order, so that one type that is sold out in a
// zone does not keep it from growing.
func (b *builder) mixedInstances() *autoscaling.AutoScalingGroup_MixedInstancesPolicy {
	var overrides []autoscaling.AutoScalingGroup_LaunchTemplateOverrides
	for _, kind := range b.env.Application.InstanceTypes {
		overrides = append(overrides, autoscaling.AutoScalingGroup_LaunchTemplateOverrides{InstanceType: new(kind)})
	}
	return &autoscaling.AutoScalingGroup_MixedInstancesPolicy{
		InstancesDistribution: &autoscaling.AutoScalingGroup_InstancesDistribution{
			OnDemandAllocationStrategy: new("prioritized"), OnDemandPercentageAboveBaseCapacity: new(100),
		},
		LaunchTemplate: &autoscaling.AutoScalingGroup_LaunchTemplate{
			LaunchTemplateSpecification: &autoscaling.AutoScalingGroup_LaunchTemplateSpecification{
				LaunchTemplateId: new(b.launchTemplate.Ref()), Version: b.launchTemplate.Att("LatestVersionNumber"),
			},
			Overrides: overrides,
		},
	}
}

// updatePolicy changes nodes one at a time, each only when the one before has signalled that it answers. What would replace or add
// nodes on its own stands still meanwhile, and sizes that a schedule has set stay as they are
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html).
func (b *builder) updatePolicy() *policies.UpdatePolicy {
	return &policies.UpdatePolicy{
		AutoScalingRollingUpdate: &policies.AutoScalingRollingUpdate{
			MaxBatchSize:          1,
			MinInstancesInService: float64(*b.env.Application.Capacity.Minimum),
			PauseTime:             bootTime,
			SuspendProcesses:      []string{"AlarmNotification", "AZRebalance", "HealthCheck", "ReplaceUnhealthy", "ScheduledActions"},
			WaitOnResourceSignals: true,
		},
		AutoScalingScheduledAction: &policies.AutoScalingScheduledAction{IgnoreUnmodifiedGroupSizeProperties: true},
	}
}

// addDrain has the group ask a node before it takes it away. The time is that of one heartbeat, which the node's drain.php repeats while
// cron's tasks run: a node that is too ill to answer holds nobody up for longer. A deletion of the stack takes the hook away first.
func (b *builder) addDrain() {
	b.Add("Drain", "A node that is taken away may finish what cron is doing", &autoscaling.LifecycleHook{
		AutoScalingGroupName: b.group.Ref(),
		DefaultResult:        new("CONTINUE"),
		HeartbeatTimeout:     new(300),
		LifecycleHookName:    new("drain"), // the node answers by this name
		LifecycleTransition:  "autoscaling:EC2_INSTANCE_TERMINATING",
	})
}

func (b *builder) addScaling() {
	a := b.env.Application
	b.addTargetTracking("ScaleOnCPU", "Grows before nodes are busy, shrinks when they idle", a.TargetCPU,
		&autoscaling.ScalingPolicy_PredefinedMetricSpecification{PredefinedMetricType: "ASGAverageCPUUtilization"})
	if a.TargetRequests > 0 {
		b.addTargetTracking("ScaleOnRequests", "Grows with visitors even while they wait for the database, when CPU says nothing", a.TargetRequests,
			&autoscaling.ScalingPolicy_PredefinedMetricSpecification{
				PredefinedMetricType: "ALBRequestCountPerTarget",
				ResourceLabel:        new(template.Join("/", b.balancer.Att("LoadBalancerFullName"), b.targets.Att("TargetGroupFullName"))),
			})
	}
	for _, s := range a.Schedules {
		action := &autoscaling.ScheduledAction{
			AutoScalingGroupName: b.group.Ref(),
			MaxSize:              new(s.Maximum),
			MinSize:              new(s.Minimum),
		}
		if s.Recurrence != "" {
			action.Recurrence, action.TimeZone = new(s.Recurrence), new(s.TimeZone)
		}
		if s.Start != "" {
			action.StartTime = new(s.Start)
		}
		b.Add("Schedule"+s.Name, fmt.Sprintf("From then on %d to %d nodes run", s.Minimum, s.Maximum), action)
	}
}

func (b *builder) addTargetTracking(id, why string, target int, metric *autoscaling.ScalingPolicy_PredefinedMetricSpecification) {
	b.Add(id, why, &autoscaling.ScalingPolicy{
		AutoScalingGroupName:    b.group.Ref(),
		EstimatedInstanceWarmup: new(300),
		PolicyType:              new("TargetTrackingScaling"),
		TargetTrackingConfiguration: &autoscaling.ScalingPolicy_TargetTrackingConfiguration{
			PredefinedMetricSpecification: metric,
			TargetValue:                   float64(target),
		},
	})
}
