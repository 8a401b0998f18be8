"""AWS::Backup::BackupSelection on the Backup API.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-backup-backupselection.html
"""
from .registry import add
from .service_calls import rest


def create_selection(logical_id, props, stack_name):
    plan = props["BackupPlanId"]
    made = rest("backup", "PUT", f"/backup/plans/{plan}/selections/", {"BackupSelection": props["BackupSelection"]})
    selection = made["SelectionId"]
    return f"{selection}_{plan}", {"SelectionId": selection, "BackupPlanId": plan, "Id": f"{selection}_{plan}"}


def delete_selection(physical_id, props):
    selection, plan = physical_id.split("_", 1)
    rest("backup", "DELETE", f"/backup/plans/{plan}/selections/{selection}")


def install():
    add("AWS::Backup::BackupSelection", create_selection, delete_selection)
