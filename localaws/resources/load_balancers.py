"""AWS::ElasticLoadBalancingV2::LoadBalancer: what ministack leaves out of it, and what ELB refuses.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-loadbalancer.html
A dual-stack load balancer in subnets without IPv6 ranges: kubernetes-sigs/aws-load-balancer-controller#4852 (the text).
"""
import re

from ministack.services import alb, ec2
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import provisioners as prov

from ..services import network_interfaces
from . import ipv6, load_balancer_rules, log_delivery
from .dependencies import depends
from .registry import Refused, extend, guarded

PROTECTION = "deletion_protection.enabled"
TEST_FILE = "_localaws_test_file"  # on a load balancer's record: the (bucket, prefix) of its test write
DEFAULTS = {  # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
    PROTECTION: "false", "access_logs.s3.enabled": "false", "access_logs.s3.bucket": "", "access_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60", "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false", "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false", "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append", "routing.http2.enabled": "true", "waf.fail_open.enabled": "false",
}


def _refused(message, code="ValidationError"):
    return Refused(message, "ElasticLoadBalancingV2", 400, code)


def _check_subnets(props):
    """An Application Load Balancer needs one subnet in each of two zones or more, and they must exist."""
    subnets = props.get("Subnets") or [m.get("SubnetId") for m in props.get("SubnetMappings") or []]
    unknown = [s for s in subnets if s not in ec2._subnets]
    if unknown:
        raise _refused(f"The subnet ID '{unknown[0]}' does not exist", "SubnetNotFound")
    zones = {ec2._subnets[s]["AvailabilityZone"] for s in subnets}
    if props.get("Type", "application") == "application" and len(zones) < 2:
        raise _refused("At least two subnets in two different Availability Zones must be specified")
    if len(zones) < len(subnets):
        raise _refused("A load balancer cannot be attached to multiple subnets in the same Availability Zone",
                       "InvalidConfigurationRequest")
    if str(props.get("IpAddressType", "ipv4")).startswith("dualstack") and not all(ipv6.ranges(ec2._subnets[s]) for s in subnets):
        raise _refused("You must specify subnets with an associated IPv6 CIDR block.")


def _attributes(arn):
    return {a["Key"]: a["Value"] for a in alb._lb_attrs.get(arn, [])}


def _check_logs(arn, changes):
    """ELB makes its test write when the target of the access logs changes; arn is None before the creation."""
    before = _attributes(arn)
    now = log_delivery.target({**before, **changes})
    if now and now != log_delivery.target(before):
        log_delivery.check(*now)


def _write_test_file(arn):
    """Runs after the attributes were set; the record keeps where the object is."""
    now = log_delivery.target(_attributes(arn))
    if now and now != alb._lbs[arn].get(TEST_FILE):
        log_delivery.write_test_file(*now)
    alb._lbs[arn][TEST_FILE] = now


def _declared(props):
    return {a["Key"]: str(a["Value"]) for a in props.get("LoadBalancerAttributes") or []}


def check_update(arn, props):
    load_balancer_rules.check_load_balancer(props)
    _check_subnets(props)
    _check_logs(arn, _declared(props))


def complete(arn, props):
    balancer = alb._lbs[arn]
    if balancer["Subnets"]:
        balancer["VpcId"] = ec2._subnets[balancer["Subnets"][0]]["VpcId"]
    alb._lb_attrs[arn] = [{"Key": k, "Value": v} for k, v in {**DEFAULTS, **_attributes(arn), **_declared(props)}.items()]
    _write_test_file(arn)


def delete(original, arn, props):
    if any(a["Key"] == PROTECTION and a["Value"] == "true" for a in alb._lb_attrs.get(arn, [])):
        raise _refused(f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled", "OperationNotPermitted")
    network_interfaces.outlive(arn)
    original(arn, props)


def _wrap_delete(original):
    def delete_load_balancer(params):
        network_interfaces.outlive(alb._p(params, "LoadBalancerArn"))
        return original(params)
    return delete_load_balancer


def _full_name(arn, props):
    """targetgroup/NAME/ID, of which ministack leaves out the beginning
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html)."""
    return {"TargetGroupFullName": arn.split(":", 5)[5]}


def check_listener(props):
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
    (DuplicateListener)"""
    for other in alb._listeners.values():
        if other["LoadBalancerArn"] == props.get("LoadBalancerArn") and str(other.get("Port")) == str(props.get("Port")):
            raise _refused("A listener already exists on this port for this load balancer", "DuplicateListener")


ZONE = re.compile(r"<ZoneName>[^<]*</ZoneName><SubnetId>([^<]*)</SubnetId>")


def _wrap_zones(original):
    """A load balancer's zones are its subnets'; ministack says the region's first for each."""
    def with_zone(match):
        zone = ec2._subnets.get(match[1], {}).get("AvailabilityZone", "")
        return f"<ZoneName>{zone}</ZoneName><SubnetId>{match[1]}</SubnetId>"
    return lambda balancer: ZONE.sub(with_zone, original(balancer))


def _given(params):
    """The attributes of a ModifyLoadBalancerAttributes call."""
    given, number = {}, 1
    while key := alb._p(params, f"Attributes.member.{number}.Key"):
        given[key] = alb._p(params, f"Attributes.member.{number}.Value")
        number += 1
    return given


def _check_modify(params):
    given = _given(params)
    load_balancer_rules.check_load_balancer({"LoadBalancerAttributes": [{"Key": k, "Value": v} for k, v in given.items()]})
    _check_logs(alb._p(params, "LoadBalancerArn"), given)


def _wrap_modify(original):
    def modify(params):
        answer = original(params)
        if answer[0] == 200:
            _write_test_file(alb._p(params, "LoadBalancerArn"))
        return answer
    return modify


def _check_order(logical_id, props, stack_name):
    """The bucket's policy has to be there when the load balancer makes its test write. A policy of the same template
    that the load balancer does not wait for may come later, so it counts as not there."""
    stack = cfn._stacks[stack_name]
    resources = (stack.get("_deploying") or {}).get("Resources", {})
    target = log_delivery.target(_declared(props))
    for policy, resource in resources.items():
        if not target or resource["Type"] != "AWS::S3::BucketPolicy" or depends(resources, logical_id, policy):
            continue
        made = stack["_resources"].get(policy)
        if not made or made["Properties"].get("Bucket") == target[0]:
            raise log_delivery.denied(target[0])


def _wrap_create(original):
    def create(logical_id, props, stack_name):
        _check_order(logical_id, props, stack_name)
        return original(logical_id, props, stack_name)
    return create


def install():
    alb._lb_xml = _wrap_zones(alb._lb_xml)
    alb._ACTION_MAP["DeleteLoadBalancer"] = _wrap_delete(alb._ACTION_MAP["DeleteLoadBalancer"])
    modify = "ModifyLoadBalancerAttributes"
    alb._ACTION_MAP[modify] = guarded(_wrap_modify(alb._ACTION_MAP[modify]), _check_modify, alb._error)
    extend("AWS::ElasticLoadBalancingV2::LoadBalancer", complete, lambda props: check_update(None, props), delete, check_update)
    handler = prov._RESOURCE_HANDLERS["AWS::ElasticLoadBalancingV2::LoadBalancer"]
    handler["create"] = _wrap_create(handler["create"])
    extend("AWS::ElasticLoadBalancingV2::Listener", lambda arn, props: {}, check_listener, check_update=lambda arn, props: None)
    extend("AWS::ElasticLoadBalancingV2::TargetGroup", _full_name, load_balancer_rules.check_target_group)
