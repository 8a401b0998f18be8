"""The services' rules that need more than conditions: one function for each name under `check` in rules.yaml.

Each takes the rule and a resource's properties and yields (path, value) of what breaks it. The generator sees a whole site
(internal/cfn/servicerules/checks.go), the local AWS one resource at a time, with what is there already: what relates
several resources is in related_rules.py, where a service notices it (ELSEWHERE, BY_MINISTACK), or not held at all.
"""
import base64
import fnmatch
import json
import re

POLICIES = {  # of a rule: the property, and how many bytes it has at most
    "efs-policy-size": ("FileSystemPolicy", 20000), "iam-trust-size": ("AssumeRolePolicyDocument", 2048),
    "kms-policy-size": ("KeyPolicy", 32768), "s3-policy-size": ("PolicyDocument", 20480),
}
INLINE_BYTES = 10240
USER_DATA_BYTES = 16384
RULES_IN_A_GROUP = 60  # by the default quota, of each direction and IP version
DAY = 86400

ELSEWHERE = {
    "permission-once": "resources/security_group_rules.py", "file-lifecycle": "resources/file_systems.py",
    "cache-family": "resources/cache_parameters.py", "cache-windows": "resources/windows.py",
    "database-windows": "resources/windows.py", "actions-in-turn": "resources/scheduled_actions.py",
    "one-action-at-a-time": "resources/scheduled_actions.py", "logs-permission": "resources/log_delivery.py",
    "after-the-policy": "resources/log_delivery.py", "flow-log-permissions": "resources/flow_logs.py",
    "port-once": "resources/load_balancers.py", "logs-stay": "resources/buckets.py",
    "after-the-vpcs-range": "resources/ipv6.py", "rolling-update": "stacks/rolling_update.py",
}
BY_MINISTACK = ("mount-targets",)
NOWHERE = {
    "after-the-attachment": "resources are made one after the other here, in an order that may be the right one by chance",
    "priority-once": "rules of a listener are not compared",
}


def _bytes(document):
    """Without white space, as IAM counts; a text as it is."""
    text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return len(text.encode())


def policy_size(rule, props):
    name, most = POLICIES[rule["id"]]
    if name in props and _bytes(props[name]) > most:
        yield name, f"{_bytes(props[name])} bytes"


def inline_size(rule, props):
    """Of the policies that the role itself has."""
    total = sum(_bytes(policy.get("PolicyDocument", "")) for policy in props.get("Policies") or [])
    if total > INLINE_BYTES:
        yield "Policies", f"{total} bytes"


def user_data(rule, props):
    data = (props.get("LaunchTemplateData") or {}).get("UserData", "")
    if isinstance(data, dict):  # not yet encoded, in an example
        size = _bytes(data["Fn::Base64"])
    else:
        size = len(base64.b64decode(data)) if re.fullmatch(r"[A-Za-z0-9+/=\s]*", data) else len(data.encode())
    if size > USER_DATA_BYTES:
        yield "LaunchTemplateData.UserData", f"{size} bytes"


def alarm_span(rule, props):
    """Without Period it is an alarm on an expression, whose metrics have periods of their own."""
    period, periods = props.get("Period"), props.get("EvaluationPeriods")
    if period and periods and int(period) * int(periods) > (7 * DAY if int(period) >= 3600 else DAY):
        yield "EvaluationPeriods", periods


def rules_per_group(rule, props):
    """Of the rules that the group itself has; one to a group or prefix list counts on both sides."""
    for direction in ("SecurityGroupIngress", "SecurityGroupEgress"):
        rules = props.get(direction) or []
        for other in ("CidrIp", "CidrIpv6"):
            if sum(1 for each in rules if other not in each) > RULES_IN_A_GROUP:
                yield direction, len(rules)


def key_policy(rule, props):
    policy = props.get("KeyPolicy")
    if not isinstance(policy, dict):
        return  # none, or the text of one
    statements = policy.get("Statement") or []
    statements = statements if isinstance(statements, list) else [statements]
    for statement in statements:
        if not {"Principal", "NotPrincipal"} & set(statement):
            yield "KeyPolicy.Statement", statement.get("Sid")
    bypass = str(props.get("BypassPolicyLockoutSafetyCheck")).lower() == "true"
    if not bypass and not any(s.get("Effect") == "Allow" and _changes_policy(s) for s in statements):
        yield "KeyPolicy", "nobody may change it"


def _changes_policy(statement):
    actions = statement.get("Action") or []
    return "NotAction" in statement or any(
        fnmatch.fnmatchcase("kms:putkeypolicy", action.lower()) for action in ([actions] if isinstance(actions, str) else actions))


CHECKS = {"key-policy": key_policy, "policy-size": policy_size, "inline-size": inline_size, "user-data": user_data,
          "alarm-span": alarm_span, "rules-per-group": rules_per_group}
