"""AWS Backup works each night of the clock: it makes recovery points, and deletes those whose time is over.

https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html (the default window begins at 5:00 UTC; here
a backup is there when its window begins, whatever a plan's own schedule is)
https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html (automatic backups: kept for 35 days)
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html (DeleteAfterDays of a plan's rule)
"""
from ministack.services import backup, efs

from ..controls import clock
from . import cron, recovery_points

NIGHTLY = "0 5 * * *"
DAY = 86400
AUTOMATIC_DAYS = 35


def _due(after):
    kept = (efs._file_systems, backup._selections, recovery_points.points)
    return cron.next_after(NIGHTLY, "UTC", after) if any(table.has_any() for table in kept) else None


def _act(moment):
    def here():
        recovery_points.back_up()
        for arn, point in recovery_points.points.items():
            days = _kept_for(point["BackupVaultName"])
            if days and point["CreationDate"] + days * DAY <= moment:
                recovery_points.drop(point["BackupVaultName"], arn)
    clock.in_every_scope([efs._file_systems, backup._selections, recovery_points.points], here)


def _kept_for(vault):
    """The days of the rule that fills the vault; None: for ever."""
    if vault == recovery_points.AUTOMATIC:
        return AUTOMATIC_DAYS
    rules = [rule for plan in backup._plans.values() for rule in plan.get("BackupPlan", {}).get("Rules", [])]
    return next((rule["Lifecycle"].get("DeleteAfterDays") for rule in rules
                 if rule.get("TargetBackupVaultName") == vault and rule.get("Lifecycle")), None)


def install():
    clock.plan(_due, _act)
