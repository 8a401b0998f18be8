"""Cloud Control's GetResource and DeleteResource for resources that a stack created and left behind.

ministack's Cloud Control keeps a store of its own and knows nothing of what CloudFormation made. On AWS both go through
the same handlers (https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-delete.html: "You
can delete the resource regardless of whether the resource was originally provisioned using Cloud Control API"). That a
key which is scheduled for deletion counts as not found is assumed.

A type that has no finder here is refused as one that Cloud Control does not support, never answered with "not found":
the caller would take it for deleted
(https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_GetResource.html#API_GetResource_Errors).
"""
import json

from ministack.core.responses import error_response_json, json_response
from ministack.services import (acm, alb, autoscaling, cloudcontrol, cloudwatch_logs, ec2, efs, elasticache, iam, kms, rds, s3,
                                secretsmanager)
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation.provisioners import _delete_resource

from .. import schema


def _key(identifier):
    key = kms._resolve_key(identifier)
    return key if key and key.get("KeyState") != "PendingDeletion" else None


def _secret(identifier):
    return next((s for name, s in secretsmanager._secrets.items()
                 if identifier in (name, s.get("ARN")) and not s.get("DeletedDate")), None)


def _nat_gateway(identifier):
    gateway = ec2._nat_gateways.get(identifier)
    return gateway if gateway and gateway.get("State") != "deleted" else None


def _in(table):
    """Returns a finder in a service's own table, whose keys are the type's physical ids."""
    return lambda identifier: table.get(identifier)


FOUND = {
    "AWS::AutoScaling::AutoScalingGroup": _in(autoscaling._asgs),
    "AWS::CertificateManager::Certificate": _in(acm._certificates),
    "AWS::EC2::FlowLog": _in(ec2._flow_logs),
    "AWS::EC2::InternetGateway": _in(ec2._internet_gateways),
    "AWS::EC2::LaunchTemplate": _in(ec2._launch_templates),
    "AWS::EC2::NatGateway": _nat_gateway,
    "AWS::EC2::RouteTable": _in(ec2._route_tables),
    "AWS::EC2::SecurityGroup": _in(ec2._security_groups),
    "AWS::EC2::Subnet": _in(ec2._subnets),
    "AWS::EC2::VPC": _in(ec2._vpcs),
    "AWS::EC2::VPCEndpoint": _in(ec2._vpc_endpoints),
    "AWS::EFS::AccessPoint": _in(efs._access_points),
    "AWS::EFS::FileSystem": _in(efs._file_systems),
    "AWS::EFS::MountTarget": _in(efs._mount_targets),
    "AWS::ElastiCache::ParameterGroup": _in(elasticache._param_groups),
    "AWS::ElastiCache::ReplicationGroup": _in(elasticache._replication_groups),
    "AWS::ElastiCache::SubnetGroup": _in(elasticache._subnet_groups),
    "AWS::ElasticLoadBalancingV2::Listener": _in(alb._listeners),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _in(alb._lbs),
    "AWS::ElasticLoadBalancingV2::TargetGroup": _in(alb._tgs),
    "AWS::IAM::InstanceProfile": _in(iam._instance_profiles),
    "AWS::IAM::Role": _in(iam._roles),
    "AWS::IAM::ServiceLinkedRole": _in(iam._roles),
    "AWS::KMS::Key": _key,
    "AWS::Logs::LogGroup": _in(cloudwatch_logs._log_groups),
    "AWS::RDS::DBCluster": _in(rds._clusters),
    "AWS::RDS::DBClusterParameterGroup": _in(rds._db_cluster_param_groups),
    "AWS::RDS::DBInstance": _in(rds._instances),
    "AWS::RDS::DBSubnetGroup": _in(rds._subnet_groups),
    "AWS::S3::Bucket": _in(s3._buckets),
    "AWS::SecretsManager::Secret": _secret,
}


def _there(data):
    find = FOUND.get(data.get("TypeName"))
    return bool(find and find(data.get("Identifier")))


def _unknown(data):
    """Returns the refusal of a type that has no finder; None when it has one, or the resource was created through Cloud
    Control."""
    key = cloudcontrol._resource_key(data.get("TypeName"), data.get("Identifier"))
    if data.get("TypeName") in (*FOUND, "AWS::Route53::HostedZone") or key in cloudcontrol._resources:  # no stack of a site makes zones
        return None
    return error_response_json("UnsupportedActionException", f"Resource type {data.get('TypeName')} does not support this action", 400)


def _properties(rtype, identifier):
    """Returns what the resource's stack gave it, without what AWS's read handler never returns. What the service adds by
    itself is not modelled."""
    for stack in cfn._stacks.values():
        for resource in stack["_resources"].values():
            if (resource.get("ResourceType"), resource.get("PhysicalResourceId")) == (rtype, identifier):
                hidden = schema.write_only(rtype)
                return {k: v for k, v in (resource.get("Properties") or {}).items() if k not in hidden}
    return {}


def _wrap_get(original):
    def get(data):
        if not _there(data):
            return _unknown(data) or original(data)
        properties = _properties(data["TypeName"], data["Identifier"])
        return json_response({"TypeName": data["TypeName"], "ResourceDescription": {
            "Identifier": data["Identifier"], "Properties": json.dumps(properties)}})
    return get


def _wrap_delete(original):
    def delete(data):
        if not _there(data):
            return _unknown(data) or original(data)
        status, message = "SUCCESS", None
        try:
            _delete_resource(data["TypeName"], data["Identifier"], {})
        except Exception as refused:
            status, message = "FAILED", str(refused)
        event = cloudcontrol._progress_event("DELETE", status, data["TypeName"], data["Identifier"], status_message=message)
        return json_response({"ProgressEvent": cloudcontrol._record_request(event)})
    return delete


def install():
    cloudcontrol._get_resource = _wrap_get(cloudcontrol._get_resource)
    cloudcontrol._delete_resource = _wrap_delete(cloudcontrol._delete_resource)
