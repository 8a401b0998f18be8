"""Exports: every stack's, nested ones too; protected while another stack imports them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
Worded as in public logs of AWS: "No export named X found", "Export X cannot be updated as it is in use by Y"; from
memory: "Export X cannot be deleted as it is in use by Y", "Export with name X is already exported by stack Y".
"""
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import handlers
from ministack.services.cloudformation.helpers import _error, _esc, _page, _p, _xml

from .. import patching
from .records import is_alive, stack_of


def importers(name, exporter_id=""):
    """Returns the names of the existing stacks that import `name`."""
    return sorted(stack_name for stack_name, stack in cfn._stacks.items()
                  if is_alive(stack) and stack["StackId"] != exporter_id
                  and name in handlers._imported_export_names(stack, stack_name))


def own(stack_id):
    return {name: e for name, e in cfn._exports.items() if e["StackId"] == stack_id}


def _refuse_in_use(verb, name, stack_id):
    users = importers(name, stack_id)
    if users:
        raise ValueError(f"Export {name} cannot be {verb} as it is in use by {' and '.join(users)}")


def check_delete(stack):
    for name in own(stack["StackId"]):
        _refuse_in_use("deleted", name, stack["StackId"])


def check_change(stack_id, new):
    for name in new:
        other = cfn._exports.get(name)
        if other and other["StackId"] != stack_id:
            raise ValueError(f"Export with name {name} is already exported by stack "
                             f"{other['StackId'].split('/')[1]}. Rollback requested by user.")
    for name, export in own(stack_id).items():
        if name not in new:
            _refuse_in_use("deleted", name, stack_id)
        elif new[name]["Value"] != export["Value"]:
            _refuse_in_use("updated", name, stack_id)


def forget_dropped(stack, before):
    """Removes the exports of outputs that are gone; ministack only adds exports."""
    now = {o.get("ExportName") for o in stack.get("Outputs", [])}
    for name in before - now:
        cfn._exports.pop(name, None)


def restore(stack):
    """Restores the exports of the restored outputs after a rollback."""
    for name in own(stack["StackId"]):
        cfn._exports.pop(name, None)
    for output in stack.get("Outputs", []):
        if output.get("ExportName"):
            cfn._exports[output["ExportName"]] = {
                "StackId": stack["StackId"], "Name": output["ExportName"], "Value": output["OutputValue"]}


def _wrap_outputs(original):
    def resolve(outputs_defs, conditions, resources, params, mappings, stack_name, stack_id):
        outputs, new = original(outputs_defs, conditions, resources, params, mappings, stack_name, stack_id)
        check_change(stack_id, new)
        return outputs, new
    return resolve


def _wrap_resolve(original):
    """Changes only the error text of a missing export. The engine's recursion calls the replaced function too."""
    def resolve(*args, **kwargs):
        try:
            return original(*args, **kwargs)
        except ValueError as exc:
            text = str(exc)
            if text.startswith("Export '") and text.endswith("' not found"):
                raise ValueError(f"No export named {text[8:-11]} found") from None
            raise
    return resolve


def _wrap_delete_stack(original):
    def delete(params):
        stack = stack_of(_p(params, "StackName"))
        if stack and stack["StackStatus"] != "DELETE_COMPLETE":
            try:
                check_delete(stack)
            except ValueError as exc:
                return _error("ValidationError", str(exc))
        return original(params)
    return delete


def _list_imports(params):
    name = _p(params, "ExportName")
    users = importers(name)
    if not users:
        return _error("ValidationError", f"Export '{name}' is not imported by any stack.")
    page, token, err = _page(users, params, "ListImports")
    members = "".join(f"<member>{_esc(n)}</member>" for n in page)
    return err or _xml(200, "ListImportsResponse",
                       f"<ListImportsResult><Imports>{members}</Imports>{token}</ListImportsResult>")


def install():
    patching.replace("_resolve_refs", _wrap_resolve)
    patching.replace("_resolve_stack_outputs", _wrap_outputs)
    patching.replace_action("DeleteStack", _wrap_delete_stack)
    patching.replace_action("ListImports", lambda _: _list_imports)
