"""AWS::EC2::FlowLog: whether its role may write what the flow log wants to write.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-flowlog.html
https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html: the actions of AWS's example; a flow log is
created without them too, and then reports "Access error" and stays empty (terraform-aws-modules/terraform-aws-vpc#1262,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html). Whether each of the five actions matters
nobody has shown; here they do, which is the strict side. DescribeLogGroups asks for all groups, not for one:
maxbanton/cwh#83 and hashicorp/terraform-provider-aws#8804 quote the resource. It is looked at on each DescribeFlowLogs,
as a role may get its policy later.
"""
import json
from urllib.parse import unquote

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2, iam

from .extra_members import add_members
from .network import call, tag_specification
from .policy_evaluation import Request, Undecided, Verdict, decide
from .registry import Refused, add
from .service_calls import first

ON_THE_GROUP = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")


def _documents(role):
    """The policies of a role, its own and the attached ones, as data."""
    attached = [iam._policies[arn] for arn in role.get("AttachedPolicies", []) if arn in iam._policies]
    texts = [*role.get("InlinePolicies", {}).values(), *(p["Versions"][p["DefaultVersionId"]]["Document"] for p in attached)]
    return [text if isinstance(text, dict) else json.loads(unquote(text)) for text in texts]


def _may(documents, action, resource):
    verdicts = [decide(document, Request(action, resource)) for document in documents]
    return Verdict.DENY not in verdicts and Verdict.ALLOW in verdicts


def _has_access(role_arn, group):
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
    if role is None:
        return False
    documents, logs = _documents(role), f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:"
    return (_may(documents, "logs:DescribeLogGroups", f"{logs}:log-stream:")
            and all(_may(documents, action, f"{logs}{group}:log-stream:eni-1-all") for action in ON_THE_GROUP))


def _said(record):
    """The members that ministack leaves out of a described flow log."""
    more = record.get("_localaws", {})
    if record.get("LogDestinationType") != "cloud-watch-logs":
        return more
    try:
        has_access = _has_access(more.get("deliverLogsPermissionArn") or "", more.get("logGroupName") or "")
    except Undecided as exc:
        return {**more, "deliverLogsStatus": "FAILED", "deliverLogsErrorMessage": str(exc)}
    if has_access:
        return {**more, "deliverLogsStatus": "SUCCESS"}
    return {**more, "deliverLogsStatus": "FAILED", "deliverLogsErrorMessage": "Access error"}


def create(logical_id, props, stack_name):
    if props.get("LogDestinationType", "cloud-watch-logs") == "cloud-watch-logs" and not props.get("DeliverLogsPermissionArn"):
        raise Refused("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs", "Ec2", 400, "InvalidParameter")
    answer = call("CreateFlowLogs", ResourceId=[props["ResourceId"]], ResourceType=props["ResourceType"],
                  TrafficType=props.get("TrafficType"), LogDestinationType=props.get("LogDestinationType"),
                  LogDestination=props.get("LogDestination"), **tag_specification("flow-log", props))
    log = first("item", answer)
    ec2._flow_logs[log]["_localaws"] = {
        "logGroupName": props.get("LogGroupName"), "deliverLogsPermissionArn": props.get("DeliverLogsPermissionArn"),
        "logFormat": props.get("LogFormat"), "maxAggregationInterval": int(props.get("MaxAggregationInterval") or 600),
        "deliverLogsStatus": "SUCCESS"}
    return log, {"Id": log}


def install():
    add_members(ec2._ACTION_MAP, "DescribeFlowLogs", "flowLogId", ec2._flow_logs, _said)
    add("AWS::EC2::FlowLog", create, lambda pid, _: call("DeleteFlowLogs", FlowLogId=[pid]))
