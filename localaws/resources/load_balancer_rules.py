"""The attributes of Application Load Balancers and their target groups: keys, ranges, and what excludes what.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html
The text for an unknown key: hashicorp/terraform-provider-aws#23971; for a health check's timeout:
zalando-incubator/kube-ingress-aws-controller#392. The wording of the ranges is from memory.
"""
import re

from .registry import Refused

FLAG = ("true", "false")
ANY = None  # any text
LOAD_BALANCER = {
    "deletion_protection.enabled": FLAG, "load_balancing.cross_zone.enabled": ("true",), "zonal_shift.config.enabled": FLAG,
    **{f"{logs}.s3.{key}": FLAG if key == "enabled" else ANY
       for logs in ("access_logs", "connection_logs", "health_check_logs") for key in ("enabled", "bucket", "prefix")},
    "ipv6.deny_all_igw_traffic": FLAG, "idle_timeout.timeout_seconds": range(1, 4001),
    "client_keep_alive.seconds": range(60, 604801), "routing.http.desync_mitigation_mode": ("monitor", "defensive", "strictest"),
    "routing.http.drop_invalid_header_fields.enabled": FLAG, "routing.http.preserve_host_header.enabled": FLAG,
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": FLAG, "routing.http.xff_client_port.enabled": FLAG,
    "routing.http.xff_header_processing.mode": ("append", "preserve", "remove"), "routing.http2.enabled": FLAG,
    "waf.fail_open.enabled": FLAG,
}
COOKIE_SECONDS = range(1, 604801)
TARGET_GROUP = {  # of the target types instance and ip
    "deregistration_delay.timeout_seconds": range(0, 3601), "stickiness.enabled": FLAG, "stickiness.type": ("lb_cookie", "app_cookie"),
    "stickiness.lb_cookie.duration_seconds": COOKIE_SECONDS, "stickiness.app_cookie.duration_seconds": COOKIE_SECONDS,
    "stickiness.app_cookie.cookie_name": ANY, "slow_start.duration_seconds": (0, *range(30, 901)),
    "load_balancing.cross_zone.enabled": (*FLAG, "use_load_balancer_configuration"),
    "load_balancing.algorithm.type": ("round_robin", "least_outstanding_requests", "weighted_random"),
    "load_balancing.algorithm.anomaly_mitigation": ("on", "off"),
    **{f"target_group_health.{state}.minimum_healthy_targets.{unit}": ANY
       for state in ("dns_failover", "unhealthy_state_routing") for unit in ("count", "percentage")},
}


def _refused(message):
    return Refused(message, "ElasticLoadBalancingV2", 400, "ValidationError")


def _check(what, allowed, attributes):
    keys = [a["Key"] for a in attributes]
    for key, value in ((a["Key"], str(a.get("Value", ""))) for a in attributes):
        if key not in allowed:
            raise _refused(f"{what} attribute key '{key}' is not recognized")
        if keys.count(key) > 1:
            raise _refused(f"{what} attribute key '{key}' is specified more than once")
        if allowed[key] is not ANY and value not in map(str, allowed[key]):
            raise _refused(f"The value '{value}' of the {what.lower()} attribute '{key}' is not valid")


def check_load_balancer(props):
    if props.get("Type", "application") == "application":
        _check("Load balancer", LOAD_BALANCER, props.get("LoadBalancerAttributes") or [])


def check_target_group(props):
    if props.get("Protocol") not in ("HTTP", "HTTPS") or props.get("TargetType", "instance") not in ("instance", "ip"):
        return
    attributes = props.get("TargetGroupAttributes") or []
    _check("Target group", TARGET_GROUP, attributes)
    given = {a["Key"]: str(a.get("Value", "")) for a in attributes}
    algorithm = given.get("load_balancing.algorithm.type", "round_robin")
    if algorithm != "round_robin" and given.get("slow_start.duration_seconds", "0") != "0":
        raise _refused(f"Slow start mode cannot be enabled with the load balancing algorithm '{algorithm}'")
    if algorithm != "weighted_random" and given.get("load_balancing.algorithm.anomaly_mitigation") == "on":
        raise _refused("Anomaly mitigation can be turned on with the load balancing algorithm 'weighted_random' only")
    if int(props.get("HealthCheckTimeoutSeconds") or 5) >= int(props.get("HealthCheckIntervalSeconds") or 30):
        raise _refused("Health check interval must be greater than the timeout")
    for code in re.split("[,-]", str((props.get("Matcher") or {}).get("HttpCode", "200"))):
        if not code.isdigit() or not 200 <= int(code) <= 499:
            raise _refused(f"Health check matcher HTTP code '{code}' must be within '200-499' inclusive")
