"""UpdatePolicy AutoScalingRollingUpdate: replaces the instances of a changed group batch by batch. Each batch waits for
its signals when WaitOnResourceSignals says so.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
The events are worded and ordered as in public logs of AWS. A batch that fails fails the group's update, and so the
stack's.
"""
from dataclasses import dataclass

from ministack.services import autoscaling
from ministack.services import cloudformation as cfn

from .. import patching
from ..controls import simulated_nodes
from ..resources import scaling
from ..services import lifecycle_hooks
from . import events, signals
from .records import definition

CAUSES = ("LaunchTemplate", "LaunchConfigurationName", "MixedInstancesPolicy", "VPCZoneIdentifier")


@dataclass
class Update:
    """One group's rolling update."""
    stack: dict
    logical_id: str
    name: str
    policy: dict

    def say(self, text):
        events.add(self.stack["StackId"], self.stack["StackName"], self.logical_id, scaling.GROUP, "UPDATE_IN_PROGRESS", text,
                   self.name)

    @property
    def waits(self):
        return str(self.policy.get("WaitOnResourceSignals")).lower() == "true"

    def run(self):
        group = autoscaling._asgs[self.name]
        old, size = scaling.instances_of(self.name), int(self.policy.get("MaxBatchSize", 1))
        kept = int(self.policy.get("MinInstancesInService", 0))
        pause = self.policy.get("PauseTime") or ("PT5M" if self.waits else "PT0S")
        with_signals = (f" Waiting on resource signals with a timeout of {pause} when new instances are added to the "
                        "autoscaling group." if self.waits else "")
        self.say(f"Rolling update initiated. Terminating {len(old)} obsolete instance(s) in batches of {size}, while keeping "
                 f"at least {kept} instance(s) in service.{with_signals}")
        capacity = min(group["MaxSize"], max(group["DesiredCapacity"], kept + size))
        self.say(f"Temporarily setting autoscaling group MinSize and DesiredCapacity to {capacity}.")
        for start in range(0, len(old), size):
            self._replace(group, old[start:start + size], pause, (start + size) * 100 // len(old))

    def _replace(self, group, leaving, pause, percent):
        self.say(f"Terminating instance(s) [{','.join(leaving)}]; replacing with {len(leaving)} new instance(s).")
        going = lifecycle_hooks.begin_termination(group, [i for i in group["Instances"] if i["InstanceId"] in leaving])
        group["Instances"] = [i for i in group["Instances"] if i["InstanceId"] not in leaving] + going
        autoscaling._reconcile_instances(group)
        self.say(f"Successfully terminated instance(s) [{','.join(leaving)}] (Progress {min(percent, 100)}%).")
        if self.waits:
            self._await(scaling.instances_of(self.name)[-len(leaving):], pause)

    def _await(self, new, pause):
        failures = missing = 0
        with signals.Slot(self.stack, self.logical_id, scaling.GROUP) as slot:
            self.say(f"New instance(s) added to autoscaling group - Waiting on {len(new)} resource signal(s) with a timeout of "
                     f"{pause}.")
            simulated_nodes.boot(*slot.key, new)
            try:
                failures = slot.wait(len(new), signals.seconds(pause, pause), "update")
            except signals.Missing as exc:
                missing = exc.count
                self.say(f"Failed to receive {missing} resource signal(s) for the current batch.  Each resource signal timeout "
                         "is counted as a FAILURE.")
        signals.refuse(failures, missing, len(new), int(self.policy.get("MinSuccessfulInstancesPercent", 100)))


def _wrap_update(original):
    def update(rtype, pid, old, new, stack_name, logical_id=None, old_attrs=None):
        answer = original(rtype, pid, old, new, stack_name, logical_id, old_attrs)
        stack = cfn._stacks[stack_name]
        policy = (definition(stack, logical_id).get("UpdatePolicy") or {}).get("AutoScalingRollingUpdate")
        if rtype == scaling.GROUP and policy and any(old.get(cause) != new.get(cause) for cause in CAUSES) \
                and not events.is_reverting(stack):
            Update(stack, logical_id, answer[0], policy).run()
        return answer
    return update


def install():
    patching.replace("_update_resource", _wrap_update)
