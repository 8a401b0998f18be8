"""AWS::Backup::BackupSelection on the Backup API; a vault with recovery points, and a plan with selections, are not
deleted (../services/recovery_points.py).

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-backup-backupselection.html
"""
from ..services import recovery_points
from .registry import Refused, add, extend
from .service_calls import rest


def create_selection(logical_id, props, stack_name):
    plan = props["BackupPlanId"]
    made = rest("backup", "PUT", f"/backup/plans/{plan}/selections/", {"BackupSelection": props["BackupSelection"]})
    selection = made["SelectionId"]
    return f"{selection}_{plan}", {"SelectionId": selection, "BackupPlanId": plan, "Id": f"{selection}_{plan}"}


def delete_selection(physical_id, props):
    selection, plan = physical_id.split("_", 1)
    rest("backup", "DELETE", f"/backup/plans/{plan}/selections/{selection}")


def _refusing(why):
    def delete(original, physical_id, props):
        if refusal := why(physical_id):
            raise Refused(refusal[1], "Backup", 400, refusal[0])
        original(physical_id, props)
    return delete


def install():
    extend("AWS::Backup::BackupVault", lambda vault, props: {}, delete=_refusing(recovery_points.vault_refusal))
    extend("AWS::Backup::BackupPlan", lambda plan, props: {}, delete=_refusing(recovery_points.plan_refusal))
    add("AWS::Backup::BackupSelection", create_selection, delete_selection)
