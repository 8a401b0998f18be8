"""AWS::AutoScaling::ScheduledAction: what Auto Scaling refuses of the scheduled actions of one group.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-autoscaling-scheduledaction.html
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html: two may not start at the
same moment. TerraConstructs/base#127 (with the text): of actions that are put at the same time some are refused so,
another each time, although their times differ; put one after the other they pass. That is one report, of another tool,
and whether CloudFormation tries again is unknown. Here is its strict side: resources are made one after the other here,
and AWS makes at once what does not depend on each other, so of two actions without such a path between them the second
is refused.
"""
from ministack.services import autoscaling
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import provisioners as prov

from ..stacks import events
from .dependencies import depends
from .registry import Refused

ACTION = "AWS::AutoScaling::ScheduledAction"


def _refused():
    return Refused("Scheduled action with this scheduled start time already exists", "AutoScaling", 400, "AlreadyExists")


def _check(stack, logical_id, props, physical_id=None):
    """Called in the order of the operation; a rollback's order is CloudFormation's own."""
    if events.is_reverting(stack) or not stack.get("_deploying"):
        return
    put = stack.setdefault("_put_actions", {}).setdefault(props["AutoScalingGroupName"], {})
    resources = stack["_deploying"]["Resources"]
    for other, start in put.items():
        if not depends(resources, logical_id, other) or start and start == props.get("StartTime"):
            raise _refused()
    _check_next_start(props, physical_id)
    put[logical_id] = props.get("StartTime")


def _check_next_start(props, physical_id):
    """Two recurrences may be written differently and come at the same moment."""
    from ..services import schedules  # which is about this resource, too
    start = schedules.next_start(props)
    for action in autoscaling._scheduled_actions.values():
        if start is not None and action["AutoScalingGroupName"] == props["AutoScalingGroupName"] and \
                action["ScheduledActionName"] != physical_id and schedules.next_start(action) == start:
            raise _refused()


def install():
    handler = prov._RESOURCE_HANDLERS[ACTION]
    create, update = handler["create"], handler["update"]

    def checked_create(logical_id, props, stack_name):
        _check(cfn._stacks[stack_name], logical_id, props)
        return create(logical_id, props, stack_name)

    def checked_update(physical_id, old_props, new_props, stack_name, logical_id=None):
        _check(cfn._stacks[stack_name], logical_id, new_props, physical_id)
        return update(physical_id, old_props, new_props, stack_name, logical_id)
    handler.update(create=checked_create, update=checked_update)
