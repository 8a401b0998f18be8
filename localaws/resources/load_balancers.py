"""AWS::ElasticLoadBalancingV2::LoadBalancer: what ministack leaves out of it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-loadbalancer.html
"""
import re

from ministack.services import alb, ec2

from .registry import Refused, extend

PROTECTION = "deletion_protection.enabled"
DEFAULTS = {  # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
    PROTECTION: "false", "access_logs.s3.enabled": "false", "access_logs.s3.bucket": "", "access_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60", "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false", "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false", "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append", "routing.http2.enabled": "true", "waf.fail_open.enabled": "false",
}


def check(props):
    """An Application Load Balancer needs subnets in two zones, and they must exist."""
    subnets = props.get("Subnets") or [m.get("SubnetId") for m in props.get("SubnetMappings") or []]
    unknown = [s for s in subnets if s not in ec2._subnets]
    if unknown:
        raise Refused(f"The subnet ID '{unknown[0]}' does not exist", "ElasticLoadBalancingV2", 400, "SubnetNotFound")
    zones = {ec2._subnets[s]["AvailabilityZone"] for s in subnets}
    if props.get("Type", "application") == "application" and len(zones) < 2:
        raise Refused("At least two subnets in two different Availability Zones must be specified",
                      "ElasticLoadBalancingV2", 400, "ValidationError")


def complete(arn, props):
    balancer = alb._lbs[arn]
    if balancer["Subnets"]:
        balancer["VpcId"] = ec2._subnets[balancer["Subnets"][0]]["VpcId"]
    declared = {a["Key"]: str(a["Value"]) for a in props.get("LoadBalancerAttributes") or []}
    known = {a["Key"]: a["Value"] for a in alb._lb_attrs.get(arn, [])}
    alb._lb_attrs[arn] = [{"Key": k, "Value": v} for k, v in {**DEFAULTS, **known, **declared}.items()]


def delete(original, arn, props):
    if any(a["Key"] == PROTECTION and a["Value"] == "true" for a in alb._lb_attrs.get(arn, [])):
        raise Refused(f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
                      "ElasticLoadBalancingV2", 400, "OperationNotPermitted")
    original(arn, props)


ZONE = re.compile(r"<ZoneName>[^<]*</ZoneName><SubnetId>([^<]*)</SubnetId>")


def _wrap_zones(original):
    """A load balancer's zones are its subnets'; ministack says the region's first for each."""
    def with_zone(match):
        zone = ec2._subnets.get(match[1], {}).get("AvailabilityZone", "")
        return f"<ZoneName>{zone}</ZoneName><SubnetId>{match[1]}</SubnetId>"
    return lambda balancer: ZONE.sub(with_zone, original(balancer))


def install():
    alb._lb_xml = _wrap_zones(alb._lb_xml)
    extend("AWS::ElasticLoadBalancingV2::LoadBalancer", complete, check, delete)
