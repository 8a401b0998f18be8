"""AWS::CloudFormation::Stack deployed as a real stack.

ministack deploys a child inline by a second, smaller copy of its deploy loop: no exports, no rollback, no events
of its own on delete. Here a child runs through the very functions a root stack runs through, in an event loop of
its own on the worker thread that ministack gives a nested stack.

As AWS does: the child's name is PARENT-LOGICALID-RANDOM, Ref is its ARN, the parent's second IN_PROGRESS event
carries that ARN, a failing child rolls itself back and then its parent does, and the parent only knows
"Embedded stack ARN was not successfully created: The following resource(s) failed to create: [X]."
The wording for updates is from memory of AWS's console, not from a recording.
"""
import asyncio
import copy
import random
import string

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import engine, helpers
from ministack.services.cloudformation import provisioners as prov
from ministack.services.cloudformation import stacks as stk
from ministack.services.cloudformation.engine import _evaluate_conditions, _parse_template, _resolve_parameters

from .. import patching
from ..templates import capabilities, resource_types
from . import cleanup, continue_rollback, events, exports
from .records import STACK, children_of, lineage, stack_of

SNAPSHOT = ("_resources", "_template", "_template_body", "_resolved_params", "_conditions", "Parameters", "Tags", "Outputs")


def read_template(props):
    body, err = helpers._resolve_template({"TemplateURL": [props.get("TemplateURL", "")]})
    if err or not body:
        raise ValueError("TemplateURL must reference a valid S3 object to which you have access.")
    try:
        return body, _parse_template(body)
    except Exception as exc:  # a YAML error is no ValueError
        raise ValueError(f"Template format error: {exc}") from exc


def checked(template, params):
    """Validates the template as CloudFormation does; returns the parameters."""
    engine.validate_template_support(template, _evaluate_conditions(template, params), params=params)
    return params


def parameters_of(template, props, parent):
    capabilities.check_nested(template, list(lineage(parent))[-1].get("Capabilities", []))
    given = props.get("Parameters") or {}
    if any(isinstance(value, (list, dict)) for value in given.values()):
        raise ValueError("Value of property Parameters must be an object with String (or simple type) properties")
    return checked(template, _resolve_parameters(
        template, [{"Key": k, "Value": "" if v is None else str(v)} for k, v in given.items()]))


def new_record(parent, logical_id, status):
    """Creates a child's stack record and adds it to the stacks."""
    suffix = "".join(random.choices(string.ascii_uppercase + string.digits, k=13))
    name = f"{parent['StackName'][:90]}-{logical_id[:20]}-{suffix}"
    arn = f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:stack/{name}/{new_uuid()}"
    record = {
        "StackName": name, "StackId": arn, "StackStatus": status, "StackStatusReason": "", "CreationTime": now_iso(),
        "LastUpdatedTime": now_iso(), "Description": "", "Parameters": [], "Tags": [], "Outputs": [],
        "Capabilities": list(parent.get("Capabilities", [])), "DisableRollback": parent.get("DisableRollback", False),
        "_resources": {}, "_template": {}, "_template_body": "", "_resolved_params": {}, "_conditions": {},
        "_region": get_region(), "_parent_stack_name": parent["StackName"], "_logical_id": logical_id,
        "ParentId": parent["StackId"], "RootId": list(lineage(parent))[-1]["StackId"],
    }
    cfn._stacks[name] = record
    cfn._stack_events[arn] = []
    return record


def planned_child(parent, logical_id):
    """Returns the child that a nested change set created in REVIEW_IN_PROGRESS, or None."""
    return next((c for c in children_of(parent)
                 if c.get("_logical_id") == logical_id and c["StackStatus"] == "REVIEW_IN_PROGRESS"), None)


def run(child, operation, template, body, params, tags, previous=None):
    """Deploys the child to the end, with its rollback when it fails."""
    child.update(StackStatus=f"{operation}_IN_PROGRESS", LastUpdatedTime=now_iso(), _template_body=body,
                 Description=template.get("Description", ""), Tags=tags,
                 Parameters=[{"ParameterKey": k, "ParameterValue": v["Value"], "NoEcho": v["NoEcho"]}
                             for k, v in params.items()],
                 _conditions=_evaluate_conditions(template, params))
    parent = cfn._stacks[child["_parent_stack_name"]]
    stk._add_event(child["StackId"], child["StackName"], child["StackName"], STACK,
                   f"{operation}_IN_PROGRESS", "", child["StackId"])
    events.initiated(parent, child["_logical_id"], STACK, operation, child["StackId"])
    asyncio.run(stk._deploy_stack_async(
        child["StackName"], child["StackId"], template, params, parent.get("_disable_rollback", False), tags,
        is_update=operation == "UPDATE", previous_stack=previous))


def attributes(child):
    return {f"Outputs.{o['OutputKey']}": o["OutputValue"] for o in child["Outputs"]}


def tags_of(parent, props):
    """Returns a nested stack's tags: its parent's and those of its own resource."""
    tags = {**prov._tag_map(parent.get("Tags")), **prov._tag_map(props.get("Tags"))}
    return [{"Key": k, "Value": v} for k, v in tags.items() if not k.startswith("aws:")]


def differ(tags, others):
    return prov._tag_map(tags) != prov._tag_map(others)


def _raise_for(child, verb):
    reason = child.get("StackStatusReason", "").replace(" Rollback requested by user.", "")
    how = (f"was not successfully created: {reason}" if verb == "create" else
           f"was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: {reason}")
    raise ValueError(f"Embedded stack {child['StackId']} {how}")


def create(logical_id, props, parent_name):
    parent = cfn._stacks[parent_name]
    body, template = read_template(props)
    params = parameters_of(template, props, parent)
    child = planned_child(parent, logical_id) or new_record(parent, logical_id, "CREATE_IN_PROGRESS")
    run(child, "CREATE", template, body, params, tags_of(parent, props))
    if child["StackStatus"] != "CREATE_COMPLETE":
        _raise_for(child, "create")
    return child["StackId"], attributes(child)


def _has_nothing_to_do(child, template, params, tags):
    """Reports whether an update would change nothing. A child with nested stacks is always updated: their templates may
    have changed."""
    return (template == child["_template"] and params == child["_resolved_params"]
            and not differ(tags, child["Tags"])
            and not any(r.get("Type") == STACK for r in template.get("Resources", {}).values()))


def update(physical_id, old_props, new_props, parent_name, logical_id=None):
    child, parent = stack_of(physical_id), cfn._stacks[parent_name]
    if events.is_reverting(parent):
        _roll_back_child(child)
        return physical_id, attributes(child)
    body, template = read_template(new_props)
    resource_types.check(child, template)
    params, tags = parameters_of(template, new_props, parent), tags_of(parent, new_props)
    if not _has_nothing_to_do(child, template, params, tags):
        previous = {key: copy.deepcopy(child.get(key)) for key in SNAPSHOT}
        run(child, "UPDATE", template, body, params, tags, previous)
        if child["StackStatus"] != cleanup.STATUS:
            _raise_for(child, "update")
        cleanup.note_undo(child, template, params, previous)
    return physical_id, attributes(child)


def _roll_back_child(child):
    """Undoes this update of the child for its root's rollback. A child that failed has rolled itself back already."""
    if child["StackStatus"] == cleanup.STATUS:
        cleanup.undo(child)
    elif child["StackStatus"] == "UPDATE_ROLLBACK_FAILED" and continue_rollback.is_continuing(child):
        continue_rollback.continue_child(child)
    continue_rollback.refuse_failed(child)


def delete(physical_id, props):
    child = stack_of(physical_id)
    if not child or child["StackStatus"] == "DELETE_COMPLETE":
        return
    exports.check_delete(child)
    asyncio.run(stk._delete_stack_async(child["StackName"], child["StackId"]))
    if child["StackStatus"] != "DELETE_COMPLETE":
        raise ValueError(f"Embedded stack {physical_id} was not successfully deleted: {child.get('StackStatusReason', '')}")


def _wrap_update(original):
    """Updates a nested stack on every update of its parent, as AWS does, also when its own properties stay the same."""
    def update_resource(rtype, pid, old, new, stack_name, logical_id=None, old_attrs=None):
        if rtype == STACK:
            return update(pid, old, new, stack_name, logical_id)
        if old != new:
            events.release(cfn._stacks[stack_name], logical_id)
        new_pid, attrs = original(rtype, pid, old, new, stack_name, logical_id, old_attrs)
        return new_pid, {**(old_attrs or {}), **(attrs or {})} if new_pid == pid else attrs
    return update_resource


def install():
    prov._RESOURCE_HANDLERS[STACK] = {"create": create, "update": update, "delete": delete}
    patching.replace("_update_resource", _wrap_update)
