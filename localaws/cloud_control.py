"""Cloud Control for what a stack has made: GetResource and DeleteResource of the types that stacks leave behind.

ministack's Cloud Control keeps a store of its own and knows nothing of what CloudFormation made. On AWS both go through the
same handlers (https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-delete.html: "You can delete the
resource regardless of whether the resource was originally provisioned using Cloud Control API"). That a key which is scheduled
for deletion counts as not found is assumed.
"""
from ministack.core.responses import json_response
from ministack.services import cloudcontrol, cloudwatch_logs, efs, kms, secretsmanager
from ministack.services.cloudformation.provisioners import _delete_resource


def _key(identifier):
    key = kms._resolve_key(identifier)
    return key if key and key.get("KeyState") != "PendingDeletion" else None


def _secret(identifier):
    return next((s for name, s in secretsmanager._secrets.items()
                 if identifier in (name, s.get("ARN")) and not s.get("DeletedDate")), None)


FOUND = {
    "AWS::EFS::FileSystem": lambda identifier: efs._file_systems.get(identifier),
    "AWS::KMS::Key": _key,
    "AWS::Logs::LogGroup": lambda identifier: cloudwatch_logs._log_groups.get(identifier),
    "AWS::SecretsManager::Secret": _secret,
}


def _there(data):
    find = FOUND.get(data.get("TypeName"))
    return bool(find and find(data.get("Identifier")))


def _wrap_get(original):
    def get(data):
        if not _there(data):
            return original(data)
        return json_response({"TypeName": data["TypeName"],
                              "ResourceDescription": {"Identifier": data["Identifier"], "Properties": "{}"}})
    return get


def _wrap_delete(original):
    def delete(data):
        if not _there(data):
            return original(data)
        status, message = "SUCCESS", None
        try:
            _delete_resource(data["TypeName"], data["Identifier"], {})
        except Exception as refused:
            status, message = "FAILED", str(refused)
        event = cloudcontrol._progress_event("DELETE", status, data["TypeName"], data["Identifier"], status_message=message)
        return json_response({"ProgressEvent": cloudcontrol._record_request(event)})
    return delete


def install():
    cloudcontrol._get_resource = _wrap_get(cloudcontrol._get_resource)
    cloudcontrol._delete_resource = _wrap_delete(cloudcontrol._delete_resource)
