"""What AWS keeps for a time is gone afterwards: log events after their group's retention, deleted stacks after 90 days,
secrets and keys after the waiting period of their deletion.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html (AWS deletes events up to
72 hours after their retention, and hides none; here they go when it ends, which is the strict side)
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html ("for 90 days after the stack is
deleted")
https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
"""
from ministack.services import cloudformation as cfn
from ministack.services import cloudwatch_logs, kms, secretsmanager

from ..controls import clock

DAY = 86400
STACKS = 90 * DAY


def _groups():
    return [g for g in cloudwatch_logs._log_groups.all_values() if g.get("retentionInDays")]


def _first_end(group):
    stamps = [e["timestamp"] for stream in group["streams"].values() for e in stream["events"]]
    return min(stamps) / 1000 + group["retentionInDays"] * DAY if stamps else None


def _due_events(after):
    ends = [end for group in _groups() if (end := _first_end(group)) is not None]
    return max(min(ends), after + 1) if ends else None


def _drop_events(moment):
    for group in _groups():
        oldest = (moment - group["retentionInDays"] * DAY) * 1000
        for stream in group["streams"].values():
            stream["events"][:] = [e for e in stream["events"] if e["timestamp"] > oldest]


def _deleted():
    """[(end of the 90 days, key in ministack's table)] of the deleted stacks of all accounts."""
    found = []
    for key, stack in list(cfn._stacks._data.items()):
        if stack["StackStatus"] == "DELETE_COMPLETE":
            events = cfn._stack_events._data.get((*key[:-1], stack["StackId"])) or []
            found += [(max(clock.moment(e["Timestamp"]) for e in events) + STACKS, key)] if events else []
    return found


def _due_stacks(after):
    return min((max(end, after + 1) for end, _ in _deleted()), default=None)


def _drop_stacks(moment):
    for end, key in _deleted():
        if end <= moment:
            stack = cfn._stacks._data.pop(key)
            cfn._stack_events._data.pop((*key[:-1], stack["StackId"]), None)


# table of the service, and the member that says when its record goes
WAITING = ((secretsmanager._secrets, "DeletedDate"), (kms._keys, "DeletionDate"))


def _due_waiting(after):
    ends = [r[end] for table, end in WAITING for r in table.all_values() if r.get(end)]
    return max(min(ends), after + 1) if ends else None


def _drop_waiting(moment):
    for table, end in WAITING:
        for key in [k for k, record in table.all_items() if record.get(end) and record[end] <= moment]:
            table._data.pop(key, None)


def install():
    clock.plan(_due_waiting, _drop_waiting)
    clock.plan(_due_events, _drop_events)
    clock.plan(_due_stacks, _drop_stacks)
