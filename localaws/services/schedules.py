"""Scheduled actions of Auto Scaling are done when their moment comes; one that lies in the past is refused.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScheduledActions.html (an action that was done once
is no longer there)
The refusal's text as in hashicorp/terraform-provider-aws#3033. Actions are done while the clock is moved: a server that
runs by the machine's time has no nights, so that a test at six in the morning is as one at noon.
"""
from ministack.services import autoscaling
from ministack.services.cloudformation import provisioners as prov

from ..controls import clock
from ..resources.registry import Refused, guarded
from ..resources.scheduled_actions import ACTION
from . import cron

NOT_GIVEN = -1


def _refuse_past(start):
    if start and clock.moment(start) <= clock.now():
        raise Refused("Given start time is in the past", "AutoScaling", 400, "ValidationError")


def _check_api(params):
    _refuse_past(autoscaling._p(params, "StartTime"))


def _next(action, after):
    start = clock.moment(action["StartTime"]) if action.get("StartTime") else None
    if not action["Recurrence"]:
        return start if start is not None and start > after else None
    moment = cron.next_after(action["Recurrence"], action.get("TimeZone", ""), max(after, start - 1 if start else after))
    ended = action.get("EndTime") and moment is not None and moment > clock.moment(action["EndTime"])
    return None if ended else moment


def next_start(given):
    """The next moment of an action, or of the properties of one; None if none comes."""
    return _next({"Recurrence": "", **given}, clock.now())


def _due(after):
    found = (_next(action, after) for action in autoscaling._scheduled_actions.all_values())
    return min((moment for moment in found if moment is not None), default=None)


def _act(moment):
    def here():
        for key, action in autoscaling._scheduled_actions.items():
            if _next(action, moment - 1) == moment:
                _apply(action)
                if not action["Recurrence"]:
                    autoscaling._scheduled_actions.pop(key)
    clock.in_every_scope([autoscaling._scheduled_actions], here)


def _apply(action):
    """Sets what the action gives; a desired capacity that it does not give is only brought within the bounds."""
    group = autoscaling._asgs.get(action["AutoScalingGroupName"])
    if group is None:
        return
    for size in ("MinSize", "MaxSize"):
        if action[size] != NOT_GIVEN:
            group[size] = action[size]
    desired = action["DesiredCapacity"] if action["DesiredCapacity"] != NOT_GIVEN else group["DesiredCapacity"]
    group["DesiredCapacity"] = min(max(desired, group["MinSize"]), group["MaxSize"])
    autoscaling._reconcile_instances(group)


def install():
    handler = prov._RESOURCE_HANDLERS[ACTION]
    create, update = handler["create"], handler["update"]

    def checked_create(logical_id, props, stack_name):
        _refuse_past(props.get("StartTime"))
        return create(logical_id, props, stack_name)

    def checked_update(physical_id, old_props, new_props, *rest):
        _refuse_past(new_props.get("StartTime"))
        return update(physical_id, old_props, new_props, *rest)
    handler.update(create=checked_create, update=checked_update)
    actions = autoscaling._ACTION_MAP
    put = "PutScheduledUpdateGroupAction"
    actions[put] = guarded(actions[put], _check_api, autoscaling._error)
    clock.plan(_due, _act)
