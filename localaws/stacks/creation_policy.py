"""A resource with a CreationPolicy is complete after it received its signals.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-creationpolicy.html
Worded as in public logs of AWS: "Failed to receive 1 resource signal(s) within the specified duration".
"""
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import provisioners as prov

from .. import patching
from ..controls import simulated_nodes
from ..resources import scaling
from . import signals
from .records import definition


def _await(slot, rtype, physical_id, policy):
    signal = policy["ResourceSignal"] or {}
    count = int(signal.get("Count", 1))
    percent = int((policy.get("AutoScalingCreationPolicy") or {}).get("MinSuccessfulInstancesPercent", 100))
    if rtype == scaling.GROUP:
        simulated_nodes.boot(*slot.key, scaling.instances_of(physical_id)[:count])
    try:
        failures = slot.wait(count, signals.seconds(signal.get("Timeout"), "PT5M"))
    except signals.Missing as exc:
        raise ValueError(f"Failed to receive {exc.count} resource signal(s) within the specified duration") from None
    signals.refuse(failures, 0, count, percent)


def _wrap_provision(original):
    def provision(rtype, logical_id, props, stack_name):
        stack = cfn._stacks[stack_name]
        policy = definition(stack, logical_id).get("CreationPolicy") or {}
        if "ResourceSignal" not in policy or rtype.endswith("::WaitCondition"):
            return original(rtype, logical_id, props, stack_name)
        with signals.Slot(stack, logical_id, rtype) as slot:
            physical_id, attributes = original(rtype, logical_id, props, stack_name)
            try:
                _await(slot, rtype, physical_id, policy)
            except ValueError:
                prov._delete_resource(rtype, physical_id, props, stack_name, logical_id)
                raise
        return physical_id, attributes
    return provision


def install():
    patching.replace("_provision_resource", _wrap_provision)
