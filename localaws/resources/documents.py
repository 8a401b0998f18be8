"""AWS::SSM::Document, and the Systems Manager actions that read documents, which ministack does not have.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ssm-document.html
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetDocument.html
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeDocument.html
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListDocuments.html
"""
import json
import time

from ministack.core.responses import AccountRegionScopedDict, error_response_json, get_account_id, json_response
from ministack.services import ssm

from .registry import add, generated_name

_documents = AccountRegionScopedDict()


def _record(name, props, version):
    content = props["Content"]
    document = {
        "Name": name, "DocumentVersion": str(version), "Status": "Active", "DocumentType": props.get("DocumentType", "Command"),
        "DocumentFormat": props.get("DocumentFormat", "JSON"), "CreatedDate": time.time(), "Owner": get_account_id(),
        "Content": content if isinstance(content, str) else json.dumps(content), "Tags": props.get("Tags") or []}
    _documents[name] = document
    return document


def create(logical_id, props, stack_name):
    name = props.get("Name") or generated_name(stack_name, logical_id, 128)
    if name in _documents:
        raise ValueError(f"Document with same name {name} already exists")
    _record(name, props, 1)
    return name, {}


def update(name, props):
    """UpdateMethod NewVersion; with Replace, the default, a document changes by a new one, which only its name would
    tell."""
    _record(name, props, int(_documents[name]["DocumentVersion"]) + 1)


def _get(data):
    return {k: v for k, v in _documents[data["Name"]].items() if k not in ("Tags", "Owner")}


def _description(document):
    said = {k: v for k, v in document.items() if k not in ("Content", "Tags")}
    return {**said, "LatestVersion": document["DocumentVersion"], "DefaultVersion": document["DocumentVersion"]}


def _describe(data):
    return {"Document": _description(_documents[data["Name"]])}


def _list(data):
    return {"DocumentIdentifiers": [{k: d[k] for k in ("Name", "Owner", "DocumentVersion", "DocumentType", "DocumentFormat")}
                                    for d in _documents.values()]}


ACTIONS = {"GetDocument": _get, "DescribeDocument": _describe, "ListDocuments": _list}


def _wrap(original):
    async def handle_request(method, path, headers, body, query_params):
        action = ACTIONS.get(headers.get("x-amz-target", "").rsplit(".", 1)[-1])
        if action is None:
            return await original(method, path, headers, body, query_params)
        data = json.loads(body or "{}")
        if "Name" in data and data["Name"] not in _documents:
            return error_response_json("InvalidDocument", f"Document with name {data['Name']} does not exist.", 400)
        return json_response(action(data))
    return handle_request


def _wrap_reset(original):
    def reset():
        _documents.clear()
        original()
    return reset


def install():
    ssm.handle_request, ssm.reset = _wrap(ssm.handle_request), _wrap_reset(ssm.reset)
    add("AWS::SSM::Document", create, lambda name, props: _documents.pop(name, None), update=update)
