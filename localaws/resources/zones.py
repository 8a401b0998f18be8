"""The availability zones that an account is offered in a region, and what does not take another one.

DescribeAvailabilityZones, Fn::GetAZs and the refusals go by one table: setting `zones` {"eu-central-1": "ab"} takes some
away, as accounts differ. https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
The subnet's text: crossplane-contrib/provider-aws#1048, aws-samples/saas-reference-architecture-ecs#12. EFS's code is
from its API reference (CreateFileSystem, UnsupportedAvailabilityZone); its text, and that RDS's is like EC2's, memory.
"""
from ministack.core.responses import get_region
from ministack.services import ec2

from .. import patching
from ..controls import settings
from .registry import Refused, extend, guarded

LETTERS = {"us-east-1": "abcdef", "us-west-1": "ac", "us-west-2": "abcd", "ca-central-1": "abd", "ap-northeast-1": "acd",
           "ap-northeast-2": "abcd"}  # others: a, b and c


def offered(region=None):
    region = region or get_region()
    return [region + letter for letter in settings.values["zones"].get(region, LETTERS.get(region, "abc"))]


def check(zone):
    if zone and zone not in offered():
        raise Refused(f"Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following "
                      f"availability zones: {', '.join(offered())}.", "Ec2", 400, "InvalidParameterValue")


def check_file_system(props):
    if props.get("AvailabilityZoneName") and props["AvailabilityZoneName"] not in offered():
        raise Refused(f"The Availability Zone {props['AvailabilityZoneName']} is not supported for One Zone file systems.", "Efs", 400,
                      "UnsupportedAvailabilityZone")


def check_database(props):
    for zone in (props.get("AvailabilityZone"), *(props.get("AvailabilityZones") or [])):
        if zone and zone not in offered():
            raise Refused(f"Invalid availability zone: {zone}", "Rds", 400, "InvalidParameterValue")


def _describe(params):
    region = get_region()
    filters, named = ec2._parse_filters(params), ec2._parse_member_list(params, "ZoneName")
    unknown = [zone for zone in named if zone not in offered()]
    if unknown:
        return ec2._error("InvalidParameterValue", f"Invalid availability zone: [{unknown[0]}]", 400)
    wanted = [z for z in offered() if (not named or z in named) and z in filters.get("zone-name", [z])
              and "available" in filters.get("state", ["available"]) and "availability-zone" in filters.get("zone-type", ["availability-zone"])]
    items = "".join(
        f"<item><zoneName>{zone}</zoneName><zoneState>available</zoneState><regionName>{region}</regionName>"
        f"<zoneId>{ec2._az_id_for_zone_name(zone)}</zoneId><groupName>{region}-zg-1</groupName><networkBorderGroup>{region}</networkBorderGroup>"
        "<optInStatus>opt-in-not-required</optInStatus><zoneType>availability-zone</zoneType></item>" for zone in wanted)
    return ec2._xml(200, "DescribeAvailabilityZonesResponse", f"<availabilityZoneInfo>{items}</availabilityZoneInfo>")


def _wrap_resolve(original):
    """Fn::GetAZs of the stack's region: the zones that its subnets may be in."""
    def resolve(value, *rest):
        if isinstance(value, dict) and list(value) == ["Fn::GetAZs"]:
            region = original(value["Fn::GetAZs"], *rest) or get_region()
            return offered() if region == get_region() else []
        return original(value, *rest)
    return resolve


def install():
    ec2._ACTION_MAP["DescribeAvailabilityZones"] = _describe
    ec2._ACTION_MAP["CreateSubnet"] = guarded(
        ec2._ACTION_MAP["CreateSubnet"], lambda params: check(ec2._p(params, "AvailabilityZone")), ec2._error)
    patching.replace("_resolve_refs", _wrap_resolve)
    extend("AWS::EC2::Subnet", lambda subnet, props: {}, lambda props: check(props.get("AvailabilityZone")))
    extend("AWS::EFS::FileSystem", lambda system, props: {}, check_file_system)
    for rtype in ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance"):
        extend(rtype, lambda name, props: {}, check_database)
