"""What a load balancer's listeners and rules hold: their target groups and their certificates.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html (ResourceInUse; the text:
kubernetes-sigs/aws-load-balancer-controller#3037), https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html
(ResourceInUseException; worded as ministack does for signing profiles).
"""
from ministack.core.responses import get_account_id
from ministack.services import acm, alb

from .registry import Refused, extend, guarded


def _listeners():
    return [record for record in alb._listeners.values() if record["LoadBalancerArn"] in alb._lbs]


def _target_groups(actions):
    for action in actions:
        yield action.get("TargetGroupArn")
        yield from (g.get("TargetGroupArn") for g in (action.get("ForwardConfig") or {}).get("TargetGroups") or [])


def check_target_group(arn):
    listeners = _listeners()
    rules = [r for r in alb._rules.values() if r.get("ListenerArn") in {record["ListenerArn"] for record in listeners}]
    if any(arn in _target_groups(record.get("DefaultActions") or []) for record in listeners) or \
            any(arn in _target_groups(rule.get("Actions") or []) for rule in rules):
        raise Refused(f"Target group '{arn}' is currently in use by a listener or a rule", "ElasticLoadBalancingV2", 400, "ResourceInUse")


def check_certificate(arn):
    if any(arn in str(record.get("Certificates") or "") for record in _listeners()):
        raise Refused(f"Certificate {arn} in account {get_account_id()} is in use.", "Acm", 400, "ResourceInUseException")


def _careful(check):
    def delete(original, physical_id, props):
        check(physical_id)
        original(physical_id, props)
    return delete


def install():
    extend("AWS::ElasticLoadBalancingV2::TargetGroup", lambda arn, props: {}, delete=_careful(check_target_group))
    extend("AWS::CertificateManager::Certificate", lambda arn, props: {}, delete=_careful(check_certificate))
    action = "DeleteTargetGroup"
    alb._ACTION_MAP[action] = guarded(alb._ACTION_MAP[action], lambda params: check_target_group(alb._p(params, "TargetGroupArn")), alb._error)
    acm._delete_certificate = guarded(
        acm._delete_certificate, lambda data: check_certificate(data.get("CertificateArn", "")), acm.error_response_json)
