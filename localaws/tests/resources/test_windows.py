"""What RDS and ElastiCache refuse of maintenance and backup windows."""
import pytest

from localaws.resources import databases, windows
from localaws.resources.registry import Refused


@pytest.mark.parametrize("backup, maintenance", [
    ("00:00-01:00", "sun:01:00-sun:02:00"), ("23:30-00:00", "mon:00:00-mon:00:30"), (None, "sun:23:30-mon:00:30"), ("00:00-00:30", None)])
def test_windows_side_by_side(backup, maintenance):
    windows.check_database({"PreferredBackupWindow": backup, "PreferredMaintenanceWindow": maintenance})


@pytest.mark.parametrize("backup, maintenance", [
    ("00:00-01:00", "sun:00:30-sun:02:00"), ("23:30-00:30", "mon:00:00-mon:00:30"), ("00:00-00:30", "sun:23:30-mon:00:10"),
    ("00:00-00:10", None), ("24:00-25:00", None), (None, "sun:01:00-sun:01:20"), (None, "01:00-02:00"), (None, "Sun:01:00-sun:02:00"),
    (None, "sun:01:00-mon:01:00")])
def test_windows_that_rds_refuses(backup, maintenance):
    with pytest.raises(Refused):
        windows.check_database({"PreferredBackupWindow": backup, "PreferredMaintenanceWindow": maintenance})


def test_an_instances_window_must_not_overlap_the_backups_of_its_cluster(monkeypatch):
    monkeypatch.setattr(databases.rds, "_clusters", {"c": {"PreferredBackupWindow": "01:00-02:00"}})
    databases.check_instance({"DBClusterIdentifier": "c", "PreferredMaintenanceWindow": "sat:02:00-sat:03:00"})
    with pytest.raises(Refused):
        databases.check_instance({"DBClusterIdentifier": "c", "PreferredMaintenanceWindow": "sat:01:30-sat:02:30"})


def test_a_caches_window_is_an_hour_at_least():
    windows.check_cache({"PreferredMaintenanceWindow": "sun:01:00-sun:02:00"})
    with pytest.raises(Refused):
        windows.check_cache({"PreferredMaintenanceWindow": "sun:01:00-sun:01:30"})
