"""Lifecycle hooks of Auto Scaling: an instance waits for its node's word, at most until its time is over.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html (HeartbeatTimeout; GlobalTimeout: 48 hours,
or 100 times that)
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html; its refusal as in convox/rack#2432
A simulated node (controls/simulated_nodes.py) completes its actions at once; an instance that was launched with
simulated_nodes=0 waits. A terminating instance ends whether the result is CONTINUE or ABANDON; a launching one that is
abandoned ends and is replaced. Of several hooks for one transition only the first counts here.
"""
from ministack.core.responses import new_uuid
from ministack.services import autoscaling

from ..controls import clock, settings

LAUNCHING, TERMINATING = "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"
PENDING, LEAVING = "Pending:Wait", "Terminating:Wait"
LONGEST = 48 * 3600


def _hook(group, transition):
    name = group["AutoScalingGroupName"]
    return next((h for h in autoscaling._hooks.values() if h["AutoScalingGroupName"] == name and
                 h["LifecycleTransition"] == transition), None)


def _hold(instance, hook, state):
    timeout = hook["HeartbeatTimeout"]
    instance.update(LifecycleState=state, _action={
        "token": new_uuid(), "hook": hook["LifecycleHookName"], "timeout": timeout, "result": hook["DefaultResult"],
        "end": clock.now() + timeout, "latest": clock.now() + min(LONGEST, 100 * timeout)})


def begin_termination(group, instances):
    """Takes instances away from a group. Returns those that stay in it until their nodes have said that they may go."""
    hook = _hook(group, TERMINATING)
    waiting = [i for i in instances if hook and not i.get("_simulated", True)]
    for instance in waiting:
        _hold(instance, hook, LEAVING)
    return waiting


def _wrap_reconcile(original):
    """Instances that leave do not count towards the desired capacity."""
    def reconcile(group):
        leaving = [i for i in group["Instances"] if i["LifecycleState"] == LEAVING]
        staying = [i for i in group["Instances"] if i["LifecycleState"] != LEAVING]
        before = {i["InstanceId"] for i in staying}
        group["Instances"] = list(staying)
        original(group)
        kept = {i["InstanceId"] for i in group["Instances"]}
        launching = _hook(group, LAUNCHING)
        for instance in group["Instances"]:
            if instance["InstanceId"] not in before:
                instance["_simulated"] = bool(settings.values["simulated_nodes"])
                if launching and not instance["_simulated"]:
                    _hold(instance, launching, PENDING)
        leaving += begin_termination(group, [i for i in staying if i["InstanceId"] not in kept])
        group["Instances"] += leaving
    return reconcile


def _end(group, instance, result):
    del instance["_action"]
    if instance["LifecycleState"] == PENDING and result == "CONTINUE":
        instance["LifecycleState"] = "InService"
        return
    group["Instances"] = [i for i in group["Instances"] if i is not instance]
    autoscaling._reconcile_instances(group)


def _waiting():
    return [(group, i) for group in autoscaling._asgs.values() for i in list(group["Instances"]) if "_action" in i]


def _asked(params):
    """Returns (group, instance) of the waiting instance that a call means, or None and the refusal."""
    said = {name: autoscaling._p(params, name) for name in ("AutoScalingGroupName", "LifecycleHookName", "InstanceId",
                                                            "LifecycleActionToken")}
    for group, instance in _waiting():
        action = instance["_action"]
        if (group["AutoScalingGroupName"], action["hook"]) == (said["AutoScalingGroupName"], said["LifecycleHookName"]) and \
                (said["InstanceId"] == instance["InstanceId"] or said["LifecycleActionToken"] == action["token"]):
            return (group, instance), None
    by = f"instance ID {said['InstanceId']}" if said["InstanceId"] else f"token {said['LifecycleActionToken']}"
    return None, autoscaling._error("ValidationError", f"No active Lifecycle Action found with {by}")


def _complete(params):
    found, refusal = _asked(params)
    if refusal:
        return refusal
    _end(*found, autoscaling._p(params, "LifecycleActionResult"))
    return autoscaling._xml(200, "CompleteLifecycleActionResponse", "<CompleteLifecycleActionResult/>")


def _heartbeat(params):
    found, refusal = _asked(params)
    if refusal:
        return refusal
    action = found[1]["_action"]
    action["end"] = min(clock.now() + action["timeout"], action["latest"])
    return autoscaling._xml(200, "RecordLifecycleActionHeartbeatResponse", "<RecordLifecycleActionHeartbeatResult/>")


def _due(after):
    ends = [i["_action"]["end"] for group in autoscaling._asgs.all_values() for i in list(group["Instances"]) if "_action" in i]
    return min((end for end in ends if end > after), default=None)


def _act(moment):
    def here():
        for group, instance in _waiting():
            if instance["_action"]["end"] <= moment:
                _end(group, instance, instance["_action"]["result"])
    clock.in_every_scope([autoscaling._asgs], here)


def install():
    autoscaling._reconcile_instances = _wrap_reconcile(autoscaling._reconcile_instances)
    autoscaling._ACTION_MAP.update(CompleteLifecycleAction=_complete, RecordLifecycleActionHeartbeat=_heartbeat)
    clock.plan(_due, _act)
