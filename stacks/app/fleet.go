package app

import (
	"fmt"
	"strconv"

	"github.com/awslabs/goformation/v7/cloudformation/autoscaling"
	"github.com/awslabs/goformation/v7/cloudformation/policies"

	"distributed-moodle/internal/generate/template"
)

// groupID is the logical id of the Auto Scaling group; nodes send their signals to it.
const groupID = "NodeGroup"

// bootMinutes is how long a node may take until it signals; the first one also installs Moodle. Health checks are
// ignored for as long, otherwise a slow node would be replaced while it installs, again and again.
const bootMinutes = 30

// bootTime is the same in CloudFormation's format.
var bootTime = fmt.Sprintf("PT%dM", bootMinutes)

func (b *builder) addFleet() {
	a := b.env.Application
	group := &autoscaling.AutoScalingGroup{
		HealthCheckGracePeriod:    new(bootMinutes * 60),
		HealthCheckType:           new("ELB"),
		InstanceMaintenancePolicy: launchBeforeTerminating(),
		MaxSize:                   strconv.Itoa(*a.Capacity.Maximum),
		MetricsCollection:         []autoscaling.AutoScalingGroup_MetricsCollection{{Granularity: "1Minute"}},
		MinSize:                   strconv.Itoa(*a.Capacity.Minimum),
		MixedInstancesPolicy:      b.mixedInstances(),
		Tags: []autoscaling.AutoScalingGroup_TagProperty{
			{Key: "Name", PropagateAtLaunch: true, Value: b.name("node")},
		},
		TargetGroupARNs:     []string{b.targets.Ref()},
		TerminationPolicies: []string{"OldestLaunchTemplate", "Default"},
		VPCZoneIdentifier:   template.Values(b.net.ApplicationSubnets),

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
	// No DesiredCapacity: every update would reset the size that scaling has chosen.
	b.group = b.Add(groupID, "Keeps the nodes running: replaces a failed node, scales with the load, and replaces nodes one at a time when their template changes", group).
		DependsOn(b.listener)
}

// launchBeforeTerminating is for a node that fails its health checks or reaches its maximum lifetime. By default Auto
// Scaling terminates it first, and a site with one node is down until the next one has booted. With at least 100
// percent its successor is launched first; with at most 150 percent half of the group is replaced at a time. Of one node
// 150 percent is rounded up to two, so a single node, too, has its successor before it goes. A group at its maximum
// goes above it meanwhile, by half at most: the account's vCPU quota must have room for that. If the successor cannot be
// launched or stays unhealthy, the old node stays. A changed template follows the update policy instead
// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-maintenance-policy.html).
func launchBeforeTerminating() *autoscaling.AutoScalingGroup_InstanceMaintenancePolicy {
	return &autoscaling.AutoScalingGroup_InstanceMaintenancePolicy{
		MaxHealthyPercentage: new(150),
		MinHealthyPercentage: new(100),
	}
}

// mixedInstances offers the group every instance type in the file, in the file's order, so that one type that is sold
// out in a zone does not keep it from growing.
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
				LaunchTemplateId: new(b.launchTemplate.Ref()), Version: b.launchTemplate.GetAtt("LatestVersionNumber"),
			},
			Overrides: overrides,
		},
	}
}

// updatePolicy changes nodes one at a time, each only when the one before has signalled that it answers. Processes that
// replace or add nodes are suspended meanwhile, and sizes that a schedule has set stay as they are
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html).
func (b *builder) updatePolicy() *policies.UpdatePolicy {
	return &policies.UpdatePolicy{
		AutoScalingRollingUpdate: &policies.AutoScalingRollingUpdate{
			MaxBatchSize:          1,
			MinInstancesInService: float64(*b.env.Application.Capacity.Minimum),
			PauseTime:             bootTime,
			SuspendProcesses: []string{
				"AlarmNotification",
				"AZRebalance",
				"HealthCheck",
				"ReplaceUnhealthy",
				"ScheduledActions",
			},
			WaitOnResourceSignals: true,
		},
		AutoScalingScheduledAction: &policies.AutoScalingScheduledAction{IgnoreUnmodifiedGroupSizeProperties: true},
	}
}

// addDrain makes the group ask a node before it terminates it. The timeout is that of one heartbeat, which the node's
// drain.php repeats while cron's tasks run: a node that no longer answers delays its termination by one heartbeat only.
// A deletion of the stack deletes the hook first.
func (b *builder) addDrain() {
	b.Add("Drain", "Gives a node that is to be terminated time to finish its cron tasks", &autoscaling.LifecycleHook{
		AutoScalingGroupName: b.group.Ref(),
		DefaultResult:        new("CONTINUE"),
		HeartbeatTimeout:     new(300),
		LifecycleHookName:    new("drain"), // the node answers by this name
		LifecycleTransition:  "autoscaling:EC2_INSTANCE_TERMINATING",
	})
}

func (b *builder) addScaling() {
	a := b.env.Application
	b.addTargetTracking(
		"ScaleOnCPU", "Adds nodes before the CPUs are busy, removes them when they are idle", a.TargetCPU,
		&autoscaling.ScalingPolicy_PredefinedMetricSpecification{PredefinedMetricType: "ASGAverageCPUUtilization"},
	)
	if a.TargetRequests > 0 {
		b.addTargetTracking(
			"ScaleOnRequests",
			"Adds nodes with the number of requests, also while they wait for the database and the CPUs are idle",
			a.TargetRequests,
			&autoscaling.ScalingPolicy_PredefinedMetricSpecification{
				PredefinedMetricType: "ALBRequestCountPerTarget",
				ResourceLabel: new(
					template.Join(
						"/", b.balancer.GetAtt("LoadBalancerFullName"), b.targets.GetAtt("TargetGroupFullName"),
					),
				),
			},
		)
	}
	b.addSchedules()
}

// addSchedules adds the scheduled sizes, created one after another: Auto Scaling has been seen to refuse actions of one
// group that were made at the same time, although their times differ
// (https://github.com/TerraConstructs/base/issues/127). DependsOn is not a property, so adding or removing one changes
// none of the others.
func (b *builder) addSchedules() {
	var before []*template.Resource
	for _, s := range b.env.Application.Schedules {
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
		made := b.Add("Schedule"+s.Name, fmt.Sprintf("From this time on %d to %d nodes run", s.Minimum, s.Maximum), action).
			DependsOn(before...)
		before = []*template.Resource{made}
	}
}

func (b *builder) addTargetTracking(
	id, why string, target int, metric *autoscaling.ScalingPolicy_PredefinedMetricSpecification,
) {
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
