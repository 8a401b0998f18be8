"""Drift, as far as it can be told here: what is not compared is UNKNOWN, "not modelled here", and never in sync.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/detect-drift-stack.html: a stack's detection leaves nested
stacks out; https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResourceDrift.html (UNKNOWN, with
DriftStatusReason). Write-only properties, such as GenerateSecretString, AWS compares as little.
ministack compares a few properties of a few types, looks secrets up by a name that is their ARN in a stack (so that it
calls a fresh site's secrets deleted), and says of anything else nothing at all. Here a resource that is gone is DELETED
for every type that Cloud Control finds; one with a property that nothing compares is UNKNOWN.
"""
from ministack.services import cloudwatch_logs, secretsmanager
from ministack.services.cloudformation import drift

from .. import schema
from ..services import cloud_control
from .records import STACK

NOT_MODELLED = "not modelled here"


def _secret(arn, props):
    found = next((s for s in secretsmanager._secrets.values() if s.get("ARN") == arn and not s.get("DeletedDate")), None)
    if found is None:
        return None
    tags = {t["Key"]: t["Value"] for t in found.get("Tags") or []}
    return {"Name": found.get("Name"), "Description": found.get("Description", ""), "Tags": tags, "KmsKeyId": found.get("KmsKeyId")}


def _log_group(original):
    def read(name, props):
        said = original(name, props)
        return said and {**said, "KmsKeyId": cloudwatch_logs._log_groups[name].get("kmsKeyId")}
    return read


def _said(stack, logical_id, record, timestamp, status):
    return {"StackId": stack["StackId"], "LogicalResourceId": logical_id, "PhysicalResourceId": record.get("PhysicalResourceId", ""),
            "ResourceType": record["ResourceType"], "Timestamp": timestamp, "StackResourceDriftStatus": status}


def _unknown(stack, logical_id, record, timestamp, reason):
    return {**_said(stack, logical_id, record, timestamp, "UNKNOWN"), "DriftStatusReason": reason}


def _is_gone(record):
    find = cloud_control.FOUND.get(record["ResourceType"])
    return bool(find) and not find(record.get("PhysicalResourceId", ""))


def _not_compared(record):
    """The properties that the template sets, AWS compares, and nothing here does."""
    rtype = record["ResourceType"]
    compared = drift._DRIFT_READERS[rtype][1] if rtype in drift._DRIFT_READERS else ()
    return sorted(set(record.get("Properties") or {}) - set(compared) - set(schema.write_only(rtype)))


def _wrap_detect(original):
    def detect(stack, logical_id, record, timestamp):
        rest = _not_compared(record)
        if _is_gone(record):
            return _said(stack, logical_id, record, timestamp, "DELETED")
        if record["ResourceType"] not in drift._DRIFT_READERS:
            return _unknown(stack, logical_id, record, timestamp, NOT_MODELLED)
        found = original(stack, logical_id, record, timestamp)
        if found["StackResourceDriftStatus"] == "IN_SYNC" and rest:
            return _unknown(stack, logical_id, record, timestamp, f"{NOT_MODELLED}: {', '.join(rest)}")
        return found
    return detect


def install():
    drift._DRIFT_READERS["AWS::SecretsManager::Secret"] = (_secret, frozenset({"Name", "Description", "Tags", "KmsKeyId"}))
    reader, compared = drift._DRIFT_READERS["AWS::Logs::LogGroup"]
    drift._DRIFT_READERS["AWS::Logs::LogGroup"] = (_log_group(reader), compared | {"KmsKeyId"})
    drift.supports_drift = lambda rtype: rtype != STACK
    drift.detect_resource_drift = _wrap_detect(drift.detect_resource_drift)
