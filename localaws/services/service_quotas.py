"""Service Quotas, as far as a deployer asks: the quotas of a new account. ministack lacks the service.

vCPUs are those of an account that has run something: a new one has 5 by AWS's table, which AWS raises by itself
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html). Setting `quotas` {"L-1216C47A": 8}
gives another value.
https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html
"""
import json

from ..asgi import read, send_answer
from ..controls import settings

TARGET = b"ServiceQuotasV20190624."
QUOTAS = {("vpc", "L-F678F1CE"): ("VPCs per Region", 5), ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 5),
          ("vpc", "L-FE5A380F"): ("NAT gateways per Availability Zone", 5),
          ("ec2", "L-1216C47A"): ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 64),
          ("rds", "L-952B80B8"): ("DB clusters", 40), ("rds", "L-7B6409FD"): ("DB instances", 40)}


def answer(action, request):
    """(status, answer) of one call."""
    if action not in ("GetServiceQuota", "GetAWSDefaultServiceQuota"):
        return 400, {"__type": "UnknownOperationException", "message": f"the local AWS has no {action} of Service Quotas"}
    service, code = request.get("ServiceCode"), request.get("QuotaCode")
    if (service, code) not in QUOTAS:
        return 400, {"__type": "NoSuchResourceException", "Message": f"the local AWS knows no quota {code} of {service}"}
    name, value = QUOTAS[service, code]
    value = settings.values["quotas"].get(code, value)
    return 200, {"Quota": {"ServiceCode": service, "QuotaCode": code, "QuotaName": name, "Value": float(value), "Adjustable": True}}


def install():
    from ministack import app as ministack_app
    app = ministack_app.app

    async def with_quotas(scope, receive, send):
        target = dict(scope.get("headers") or ()).get(b"x-amz-target", b"")
        if not target.startswith(TARGET):
            return await app(scope, receive, send)
        status, said = answer(target[len(TARGET):].decode(), json.loads(await read(receive)))
        return await send_answer(send, status, json.dumps(said).encode(), b"application/x-amz-json-1.1")
    ministack_app.app = with_quotas
