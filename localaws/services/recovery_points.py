"""AWS Backup's recovery points, which ministack counts and does not keep: a vault with points in it cannot be deleted, and
EFS's automatic backups put theirs into a vault that nobody may empty.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupVault.html: "A vault can be deleted only if it is
empty"; the text in several public teardown notes. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupPlan.html
https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html: the vault aws/efs/automatic-backup-vault and the plan of that
name, which cannot be deleted, with 35 days of daily backups. Its access policy denies everybody to delete or restore a
point (docs/verified.md has it as not seen).
A point outlives its file system, also when its stack deletes that.
"""
import json
import re
from urllib.parse import unquote

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import backup, efs

AUTOMATIC = "aws/efs/automatic-backup-vault"
points = AccountRegionScopedDict()  # ARN -> the point as DescribeRecoveryPoint shows it


def keep(vault, resource, job):
    """Makes a job's recovery point."""
    points[job["RecoveryPointArn"]] = {
        "RecoveryPointArn": job["RecoveryPointArn"], "BackupVaultName": vault, "BackupVaultArn": backup._vault_arn(vault),
        "ResourceArn": resource, "ResourceType": _kind(resource), "CreationDate": job["CreationDate"], "CompletionDate": job["CreationDate"],
        "Status": "COMPLETED", "IamRoleArn": job.get("IamRoleArn", "")}


def _kind(resource):
    return {"elasticfilesystem": "EFS", "rds": "Aurora", "s3": "S3"}.get(resource.split(":")[2] if resource.count(":") > 2 else "", "EFS")


def of(vault):
    return [p for p in points.values() if p["BackupVaultName"] == vault]


def _ensure_automatic_vault():
    if AUTOMATIC not in backup._vaults:
        backup._create_vault(AUTOMATIC, {})


def _is_automatic(file_system):
    return efs._backup_policies.get(file_system, {}).get("Status") in ("ENABLED", "ENABLING")


def back_up():
    """What AWS Backup does in a night: EFS's automatic backups, and each plan's resources that its selections name."""
    for file_system, record in list(efs._file_systems.items()):
        if _is_automatic(file_system):
            _ensure_automatic_vault()
            backup._start_job({"BackupVaultName": AUTOMATIC, "ResourceArn": record["FileSystemArn"]})
    for selection in list(backup._selections.values()):
        plan = backup._plans.get(selection["BackupPlanId"], {}).get("BackupPlan", {})
        for vault in [rule.get("TargetBackupVaultName") for rule in plan.get("Rules", [])]:
            for resource in selection.get("Resources") or []:
                backup._start_job({"BackupVaultName": vault, "ResourceArn": resource, "IamRoleArn": selection["IamRoleArn"]})


def vault_refusal(vault):
    """Why a vault cannot be deleted; None when it can."""
    if vault == AUTOMATIC:
        return "AccessDeniedException", "Insufficient privileges to perform this action."
    if of(vault):
        return "InvalidRequestException", "Backup vault cannot be deleted because it contains recovery points."
    return None


def plan_refusal(plan):
    if any(s["BackupPlanId"] == plan for s in backup._selections.values()):
        return "InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan deletion"
    return None


def _wrap_start(original):
    def start(body):
        answer = original(body)
        if answer[0] == 200 and body.get("BackupVaultName"):
            keep(body["BackupVaultName"], body.get("ResourceArn", ""), backup._jobs[json.loads(answer[2])["BackupJobId"]])
        return answer
    return start


def _refusing(original, why):
    def delete(name):
        refusal = why(name)
        return backup._err(*refusal, 403 if refusal[0].startswith("AccessDenied") else 400) if refusal else original(name)
    return delete


def _delete_point(vault, arn):
    if arn not in points:
        return backup._err("ResourceNotFoundException", f"Recovery point '{arn}' not found.", 404)
    if vault == AUTOMATIC:
        return backup._err("AccessDeniedException", "Insufficient privileges to perform this action.", 403)
    drop(vault, arn)
    return backup._no_content()


def drop(vault, arn):
    del points[arn]
    backup._vaults[vault]["NumberOfRecoveryPoints"] -= 1


def _vault_and_rest(path):
    """('a/b', 'recovery-points/…') of /backup-vaults/a%2Fb/recovery-points/…: a name may have slashes."""
    below = unquote(path).removeprefix("/backup-vaults/").strip("/")
    known = [name for name in backup._vaults if below == name or below.startswith(name + "/")]
    name = max(known, key=len, default=below.split("/")[0])
    return name, below[len(name):].strip("/")


def _answer(method, path, query):
    """The answers that ministack has not, or None."""
    if re.match(r"/backup-vaults/.", path):
        name, rest = _vault_and_rest(path)
        if rest == "" and "/" in name:
            return {"GET": backup._describe_vault, "DELETE": backup._delete_vault}[method](name) if method in ("GET", "DELETE") else None
        if rest == "recovery-points" and method == "GET" and name in backup._vaults:
            return backup._paginate(of(name), query, "RecoveryPoints")
        if rest.startswith("recovery-points/") and name in backup._vaults:
            arn = rest.removeprefix("recovery-points/")
            if method == "DELETE":
                return _delete_point(name, arn)
            return backup._ok(points[arn]) if method == "GET" and arn in points else None
    found = re.fullmatch(r"/resources/(.+)/recovery-points/?", unquote(path))
    if found and method == "GET":
        return backup._paginate([p for p in points.values() if p["ResourceArn"] == found[1]], query, "RecoveryPoints")
    return None


def _wrap_request(original):
    async def handle_request(method, path, headers, body, query_params):
        query = {k: (v[0] if isinstance(v, list) else v) for k, v in query_params.items()}
        return _answer(method, path, query) or await original(method, path, headers, body, query_params)
    return handle_request


def _wrap_policy(original):
    def put(file_system, body):
        answer = original(file_system, body)
        if _is_automatic(file_system):
            _ensure_automatic_vault()
        return answer
    return put


def _wrap_reset(original):
    def reset():
        original()
        points.clear()
    return reset


def install():
    backup._start_job = _wrap_start(backup._start_job)
    backup._delete_vault = _refusing(backup._delete_vault, vault_refusal)
    backup._delete_plan = _refusing(backup._delete_plan, plan_refusal)
    backup.handle_request = _wrap_request(backup.handle_request)
    backup.reset = _wrap_reset(backup.reset)
    efs._put_backup_policy = _wrap_policy(efs._put_backup_policy)
