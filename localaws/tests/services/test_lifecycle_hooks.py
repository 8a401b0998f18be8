"""Lifecycle hooks: who waits, how long, and what ends it."""
import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness.service_rules import made, ref, res
from localaws.tests.resources.test_scaling_and_flow_logs import fleet

START = "2026-10-02T12:00:00Z"


@pytest.fixture
def scaling(aws):
    aws.clock(now=START)
    return Fleet(aws)


class Fleet:
    def __init__(self, aws):
        self.aws, self.api = aws, aws.client("autoscaling")

    def make(self, transition="TERMINATING", simulated=0, desired="2", **hook):
        self.aws.settings(simulated_nodes=simulated)
        drain = res("AutoScaling::LifecycleHook", AutoScalingGroupName=ref("Fleet"), LifecycleHookName="drain",
                    LifecycleTransition=f"autoscaling:EC2_INSTANCE_{transition}", HeartbeatTimeout=600, **hook)
        made(self.aws, {**fleet(DesiredCapacity=desired), "Drain": drain})
        self.name = self.aws.resource("one", "Fleet")["PhysicalResourceId"]

    def want(self, count):
        self.api.set_desired_capacity(AutoScalingGroupName=self.name, DesiredCapacity=count)

    def states(self):
        group = self.api.describe_auto_scaling_groups()["AutoScalingGroups"][0]
        return [i["LifecycleState"] for i in group["Instances"]]

    def waiting(self, state="Terminating:Wait"):
        listed = self.api.describe_auto_scaling_instances()["AutoScalingInstances"]
        return next(i["InstanceId"] for i in listed if i["LifecycleState"] == state)

    def say(self, action, instance, **more):
        getattr(self.api, action)(AutoScalingGroupName=self.name, LifecycleHookName="drain", InstanceId=instance, **more)


def test_a_node_leaves_when_it_says_so(scaling):
    scaling.make()
    scaling.want(1)
    assert scaling.states() == ["InService", "Terminating:Wait"]
    scaling.say("complete_lifecycle_action", scaling.waiting(), LifecycleActionResult="CONTINUE")
    assert scaling.states() == ["InService"]


def test_a_simulated_node_leaves_at_once(scaling):
    scaling.make(simulated=1)
    scaling.want(1)
    assert scaling.states() == ["InService"]


def test_a_silent_node_leaves_when_its_time_is_over(scaling):
    scaling.make()
    scaling.want(1)
    scaling.aws.clock(advance_seconds=599)
    assert scaling.states() == ["InService", "Terminating:Wait"]
    scaling.aws.clock(advance_seconds=1)
    assert scaling.states() == ["InService"]


def test_heartbeats_prolong_it_to_a_hundred_times_its_length(scaling):
    scaling.make()
    scaling.want(1)
    node = scaling.waiting()
    for _ in range(110):  # 110 times 590 s are more than 100 times 600 s
        scaling.aws.clock(advance_seconds=590)
        if len(scaling.states()) == 1:
            break
        scaling.say("record_lifecycle_action_heartbeat", node)
    assert scaling.aws.clock(advance_seconds=0)["now"] == "2026-10-03T04:43:00Z"  # the first step after 60,000 s


def test_a_node_that_comes_waits_too(scaling):
    scaling.make("LAUNCHING", desired="1", DefaultResult="CONTINUE")
    scaling.want(2)
    assert scaling.states() == ["InService", "Pending:Wait"], "the first was there before the hook"
    scaling.aws.clock(advance_seconds=600)
    assert scaling.states() == ["InService", "InService"]


def test_a_node_that_is_abandoned_is_replaced(scaling):
    scaling.make("LAUNCHING", desired="1")
    scaling.want(2)
    first = scaling.waiting("Pending:Wait")
    scaling.say("complete_lifecycle_action", first, LifecycleActionResult="ABANDON")
    assert scaling.states() == ["InService", "Pending:Wait"] and scaling.waiting("Pending:Wait") != first


def test_who_does_not_wait_has_no_action(scaling):
    scaling.make()
    for call, more in (("complete_lifecycle_action", {"LifecycleActionResult": "CONTINUE"}), ("record_lifecycle_action_heartbeat", {})):
        with pytest.raises(ClientError, match="No active Lifecycle Action found with instance ID i-0"):
            scaling.say(call, "i-0", **more)


def test_what_a_rolling_update_replaces_leaves_when_its_node_says_so(scaling):
    scaling.make()
    template = scaling.aws.cfn.get_template(StackName="one")["TemplateBody"]
    template["Resources"]["Template"]["Properties"]["LaunchTemplateData"]["InstanceType"] = "t4g.medium"
    template["Resources"]["Fleet"]["UpdatePolicy"] = {"AutoScalingRollingUpdate": {"MaxBatchSize": 1}}
    before = {i["InstanceId"] for i in scaling.api.describe_auto_scaling_instances()["AutoScalingInstances"]}
    assert scaling.aws.update("one", template, Capabilities=["CAPABILITY_IAM"]) == "UPDATE_COMPLETE"
    assert sorted(scaling.states()) == ["InService"] * 2 + ["Terminating:Wait"] * 2
    for instance in before:
        scaling.say("record_lifecycle_action_heartbeat", instance)
        scaling.say("complete_lifecycle_action", instance, LifecycleActionResult="CONTINUE")
    assert scaling.states() == ["InService", "InService"]
    with pytest.raises(ClientError, match="No active Lifecycle Action found"):
        scaling.say("complete_lifecycle_action", before.pop(), LifecycleActionResult="CONTINUE")
