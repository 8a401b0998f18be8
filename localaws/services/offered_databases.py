"""Which engine versions and instance classes RDS offers: DescribeDBEngineVersions and DescribeOrderableDBInstanceOptions
for Aurora, which ministack answers with classes of other engines.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html (the classes)
The newer versions are those of cfn-lint 1.58 (aws_rds_dbcluster/engine_version.json).
"""
from ministack.services import rds

from ..resources import zones

NEWER = ("15.19", "16.15", "17.11", "18.4", "18.6")  # of Aurora PostgreSQL
CLASSES = ("db.serverless", "db.t3.medium", "db.t3.large", "db.t4g.medium", "db.t4g.large",
           *(f"db.{family}.{size}" for family in ("r6g", "r6i", "r7g", "r7i", "r8g")
             for size in ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")))


def _orderable(original):
    def describe(params):
        engine, version, wanted = (rds._p(params, name) for name in ("Engine", "EngineVersion", "DBInstanceClass"))
        if not (engine or "").startswith("aurora-"):
            return original(params)
        problem = rds._unsupported_aurora_engine_version_error(engine, version)
        places = "".join(f"<AvailabilityZone><Name>{zone}</Name></AvailabilityZone>" for zone in zones.offered())
        options = "".join(
            f"<OrderableDBInstanceOption><Engine>{engine}</Engine><EngineVersion>{version or rds._default_engine_version(engine)}</EngineVersion>"
            f"<DBInstanceClass>{name}</DBInstanceClass><LicenseModel>{rds._license_model(engine)}</LicenseModel>"
            f"<AvailabilityZones>{places}</AvailabilityZones><StorageType>{storage}</StorageType><Vpc>true</Vpc></OrderableDBInstanceOption>"
            for name in CLASSES if wanted in (None, "", name) for storage in ("aurora", "aurora-iopt1"))
        return problem or rds._xml(
            200, "DescribeOrderableDBInstanceOptionsResponse",
            f"<DescribeOrderableDBInstanceOptionsResult><OrderableDBInstanceOptions>{options}</OrderableDBInstanceOptions>"
            "</DescribeOrderableDBInstanceOptionsResult>")
    return describe


def install():
    for version in NEWER:
        rds.AURORA_POSTGRESQL_ENGINE_VERSIONS.append((version, "aurora-postgresql" + version.partition(".")[0]))
        rds.AURORA_POSTGRESQL_ENGINE_VERSION_SET.add(version)
    actions = rds._ACTION_MAP
    actions["DescribeOrderableDBInstanceOptions"] = _orderable(actions["DescribeOrderableDBInstanceOptions"])
