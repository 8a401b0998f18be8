"""Instance types: which there are, their vCPUs, in which zones they are offered, and what Auto Scaling refuses.

https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-types.html: the families and sizes below, which are those that a
site may want; another one does not exist here. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html
Setting `not_offered` {"m7g.large": ["eu-central-1a"]}: zones that lack a type, as some do.
The texts: of a type that does not exist weaveworks/eksctl (a node group's events), of one that its zone lacks the Auto
Scaling guide's own (launch failures) and public logs; of DescribeInstanceTypes many.
A launch template is not checked: Auto Scaling checks it when a group is made or changed.
"""
import re

from ministack.core.responses import get_region
from ministack.services import ec2

from ..controls import settings
from . import scaling, zones
from .registry import Refused, extend

SMALL = "nano micro small medium large xlarge 2xlarge"
GRAVITON = "medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge metal"
INTEL = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge metal"
FAMILIES = {
    **dict.fromkeys(("t2", "t3", "t3a", "t4g"), SMALL),
    **dict.fromkeys(("m6g", "m6gd", "m7g", "m7gd", "c6g", "c6gd", "c6gn", "c7g", "c7gd", "c7gn", "r6g", "r6gd", "r7g", "r7gd", "x2gd"), GRAVITON),
    **dict.fromkeys(("m8g", "c8g", "r8g"), GRAVITON.replace("metal", "24xlarge 48xlarge metal-24xl metal-48xl")),
    **dict.fromkeys(("m5", "m5a", "m6a", "m6i", "m7a", "m7i", "c5", "c5a", "c6a", "c6i", "c6in", "c7a", "c7i", "r5", "r5a", "r6a", "r6i", "r7a", "r7i"), INTEL),
}
ARM = re.compile(r"[a-z]\d+g")


def _exists(kind):
    family, _, size = kind.partition(".")
    return size in FAMILIES.get(family, "").split()


def all_types():
    return [f"{family}.{size}" for family, sizes in FAMILIES.items() for size in sizes.split()]


def vcpus(kind):
    """Returns the default vCPUs: 4 an xlarge, one for a Graviton medium, two for what is smaller."""
    family, size = kind.split(".")
    number = re.match(r"(\d*)xlarge|metal-(\d+)xl", size)
    if number:
        return 4 * int(number[1] or number[2] or 1)
    return {"metal": 64, "medium": 1 if ARM.match(family) and family[0] != "t" else 2}.get(size, 2)


def offered_in(kind):
    return [zone for zone in zones.offered() if zone not in settings.values["not_offered"].get(kind, [])]


def _refused(why):
    return Refused(f"You must use a valid fully-formed launch template. {why}", "AutoScaling", 400, "ValidationError")


def _types_of(props):
    """The instance types that a group may launch: its overrides', or else its template's."""
    overrides = (props.get("MixedInstancesPolicy") or {}).get("LaunchTemplate", {}).get("Overrides") or []
    named = [o["InstanceType"] for o in overrides if o.get("InstanceType")]
    data = scaling.template_data(props)
    return named or ([data["InstanceType"]] if data.get("InstanceType") else [])


def check_group(props):
    subnets = props.get("VPCZoneIdentifier") or []
    of_group = {ec2._subnets[s]["AvailabilityZone"] for s in (subnets if isinstance(subnets, list) else subnets.split(",")) if s in ec2._subnets}
    for kind in _types_of(props):
        if not _exists(kind):
            raise _refused(f"Invalid value '{kind}' for InstanceType.")
        lacking = sorted(of_group - set(offered_in(kind)))
        if lacking:
            raise _refused(f"Your requested instance type ({kind}) is not supported in your requested Availability Zone ({lacking[0]}). Please retry "
                           f"your request by not specifying an Availability Zone or choosing {', '.join(offered_in(kind))}.")


def _filtered(params, *names):
    filters = ec2._parse_filters(params)
    unknown = sorted(set(filters) - set(names))
    return filters, unknown and ec2._error("InvalidParameterValue", f"the local AWS has no filter {unknown[0]} here", 400)


def _describe(params):
    filters, problem = _filtered(params, "instance-type", "current-generation")
    named = ec2._parse_member_list(params, "InstanceType")
    missing = [kind for kind in named if not _exists(kind)]
    if missing:
        return ec2._error("InvalidInstanceType", f"The following supplied instance types do not exist: [{', '.join(missing)}]", 400)
    wanted = [k for k in named or all_types() if any(ec2._glob_match(p, k) for p in filters.get("instance-type", ["*"]))]
    items = "".join(
        f"<item><instanceType>{kind}</instanceType><currentGeneration>{str(kind[:3] != 't2.').lower()}</currentGeneration><processorInfo>"
        f"<supportedArchitectures><item>{'arm64' if ARM.match(kind) else 'x86_64'}</item></supportedArchitectures></processorInfo><vCpuInfo>"
        f"<defaultVCpus>{vcpus(kind)}</defaultVCpus></vCpuInfo></item>" for kind in wanted)
    return problem or ec2._xml(200, "DescribeInstanceTypesResponse", f"<instanceTypeSet>{items}</instanceTypeSet>")


def _offerings(params):
    filters, problem = _filtered(params, "instance-type", "location")
    by_zone = ec2._p(params, "LocationType") == "availability-zone"
    found = [(kind, place) for kind in all_types() for place in (offered_in(kind) if by_zone else [get_region()] * bool(offered_in(kind)))
             if any(ec2._glob_match(p, kind) for p in filters.get("instance-type", ["*"])) and place in filters.get("location", [place])]
    kind_of_place = "availability-zone" if by_zone else "region"
    items = "".join(f"<item><instanceType>{kind}</instanceType><locationType>{kind_of_place}</locationType><location>{place}</location></item>"
                    for kind, place in found)
    return problem or ec2._xml(200, "DescribeInstanceTypeOfferingsResponse", f"<instanceTypeOfferingSet>{items}</instanceTypeOfferingSet>")


def install():
    ec2._ACTION_MAP["DescribeInstanceTypes"] = _describe
    ec2._ACTION_MAP["DescribeInstanceTypeOfferings"] = _offerings
    extend(scaling.GROUP, lambda name, props: {}, check_group)
