"""DescribeChangeSet with IncludePropertyValues (recorded: values-hide-a-change.json, import-missing-export.json).

BeforeContext and AfterContext are JSON texts. Two things AWS does, recorded: an import of an export that does not
exist is known after apply and StatusReason has a [WARN]; and a resource that changes only because another
one does is missing from this answer, though it is in the one without values and does change.
Coarser than AWS: a detail's path ends at the property, not at the leaf within it.
"""
import json

from ministack.services.cloudformation.provisioners import _property_recreation

from ..stacks.records import STACK
from . import nested_plan, values

WARNING = ("[WARN] --include-property-values option can return incomplete ChangeSet data because: "
           "ChangeSet creation failed for resource [{resource}] because: {reason}")


def _text(value):
    return value if isinstance(value, str) else json.dumps(value)


def _context(properties):
    return json.dumps({"Properties": properties})


def _with_values(detail, before, after):
    """Returns the detail with its values; None when its property has the same value before and after."""
    target = detail["Target"]
    name = target.get("Name")
    if target["Attribute"] != "Properties" or not name:
        return detail
    if before.get(name) == after.get(name):
        return None
    kind = "Add" if name not in before else "Remove" if name not in after else "Modify"
    shown = {"Path": f"/Properties/{name}", "AttributeChangeType": kind}
    if name in before:
        shown["BeforeValue"] = _text(before[name])
    if name in after:
        shown["AfterValue"] = _text(after[name])
    return {**detail, "Target": {**target, **shown}}


def _modify(change, before, after):
    change["BeforeContext"], change["AfterContext"] = _context(before), _context(after)
    if change["ResourceType"] == STACK:
        return True
    change["Details"] = list(_details(change["Details"], before, after))
    return bool(change["Details"])


def _details(details, before, after):
    """Adds values to the details. A detail that another resource's replacement causes has a DirectModification beside
    it (replacement.json)."""
    for detail in details:
        valued = _with_values(detail, before, after)
        if valued and valued.get("ChangeSource") == "ResourceReference":
            yield {"Target": valued["Target"], "Evaluation": "Dynamic", "ChangeSource": "DirectModification"}
        if valued:
            yield valued


def add(changes, change_set, stack):
    """(changes with values, warning or "")."""
    new = nested_plan.scope_of(change_set, stack, hide=True)
    old = values.Scope(stack, stack.get("_template") or {}, values.hide_secrets(stack.get("_resolved_params", {})))
    kept, warnings = [], []
    for whole in changes:
        change = whole["ResourceChange"]
        logical_id, action = change["LogicalResourceId"], change["Action"]
        definitions = [scope.template.get("Resources", {}).get(logical_id, {}) for scope in (old, new)]
        if action in ("Add", "Import"):
            after = new.properties(definitions[1])
            change["AfterContext"] = _context(after)
            if action == "Add" and any(_property_recreation(change["ResourceType"], p) == "Always" for p in after):
                change["Replacement"] = "True"  # recorded: add-says-replacement.json; it is an add all the same
            keep = True
        elif action == "Remove":
            change["BeforeContext"], keep = _context(old.properties(definitions[0])), True
        else:
            keep = _modify(change, old.properties(definitions[0]), new.properties(definitions[1]))
        if new.missing_exports:
            warnings.append(WARNING.format(resource=logical_id, reason=new.missing_exports[0]))
            new.missing_exports.clear()
        if keep:
            kept.append(whole)
    return kept, warnings[0] if warnings else ""
