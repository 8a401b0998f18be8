"""The roles that services make for themselves in an account with their first resource, and leave there.

https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html, and each service's page of that name:
an empty account has none of them. ministack names them by the service's host name alone (AWSServiceRoleForAutoscaling).
That the first resource may fail because its role has not reached every place yet (aws-samples/eks-workshop#1609) is not
modelled.
"""
from ministack.services import iam

from ..resources.registry import extend

CREATE = "CreateServiceLinkedRole"
SERVICES = {  # the service: the end of the role's name, the types whose first resource makes it
    "autoscaling.amazonaws.com": ("AutoScaling", ["AWS::AutoScaling::AutoScalingGroup"]),
    "elasticache.amazonaws.com": ("ElastiCache", ["AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::ServerlessCache"]),
    "elasticfilesystem.amazonaws.com": ("AmazonElasticFileSystem", ["AWS::EFS::FileSystem"]),
    "elasticloadbalancing.amazonaws.com": ("ElasticLoadBalancing", ["AWS::ElasticLoadBalancingV2::LoadBalancer"]),
    "rds.amazonaws.com": ("RDS", ["AWS::RDS::DBCluster", "AWS::RDS::DBInstance"]),
}


def _wrap_create(original):
    def create(params):
        service = iam._p(params, "AWSServiceName")
        if service not in SERVICES:
            return original(params)
        name, given = f"AWSServiceRoleFor{SERVICES[service][0]}", f"AWSServiceRoleFor{service.split('.')[0].capitalize()}"
        if name in iam._roles:
            return iam._error(400, "InvalidInput", f"Service role name {name} has been taken in this account, please try a different suffix.", ns="iam")
        status, headers, body = original(params)
        role = iam._roles.pop(given)
        iam._roles[name] = {**role, "RoleName": name, "Arn": role["Arn"].replace(given, name)}
        return status, headers, body.replace(given.encode(), name.encode())
    return create


def _ensure(service):
    if f"AWSServiceRoleFor{SERVICES[service][0]}" not in iam._roles:
        iam._IAM_HANDLERS[CREATE]({"AWSServiceName": [service]})


def _make_with_first(service, rtype):
    extend(rtype, lambda physical_id, props: {}, lambda props: _ensure(service))


def install():
    iam._IAM_HANDLERS[CREATE] = _wrap_create(iam._IAM_HANDLERS[CREATE])
    for service, (_, types) in SERVICES.items():
        for rtype in types:
            _make_with_first(service, rtype)
