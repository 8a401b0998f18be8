"""AWS::ElastiCache::ReplicationGroup, User and ServerlessCache.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticache-replicationgroup.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticache-user.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticache-serverlesscache.html
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html (the endpoints' names)
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html (failover, data
tiering); the texts: ministryofjustice/cloud-platform-environments#5719, cloudposse/terraform-aws-elasticache-redis#157
"""
import hashlib

from ministack.core.responses import get_region
from ministack.services import elasticache
from ministack.services.cloudformation import provisioners as prov

from . import cache_parameters, windows
from .extra_members import xml
from .registry import Refused, add, extend, generated_name
from .service_calls import first, query


def _host(role, group_id):
    region = get_region().split("-")
    short = region[0] + "".join(part[0] for part in region[1:-1]) + region[-1]
    return f"{role}.{group_id}.{hashlib.sha256(group_id.encode()).hexdigest()[:6]}.{short}.cache.amazonaws.com"


def _is_true(value):
    return str(value).lower() == "true"


def _refused(message):
    return Refused(message, "ElastiCache", 400, "InvalidParameterCombination")


def check_replication_group(props):
    windows.check_cache(props)
    if props.get("CacheParameterGroupName"):
        cache_parameters.check_group(props["CacheParameterGroupName"], props.get("Engine", "redis"), props.get("EngineVersion"))
    if _is_true(props.get("AutomaticFailoverEnabled")) and not props.get("NumNodeGroups") and \
            not props.get("ReplicasPerNodeGroup") and int(props.get("NumCacheClusters") or 1) < 2:
        raise _refused("When using automatic failover, there must be at least 2 cache clusters in the replication group.")


def check_replication_group_update(group_id, props):
    """CloudFormation switches failover on before it adds the first replica
    (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/383: one report, which has the text). An
    engine never becomes older (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Modify.html)."""
    check_replication_group(props)
    group = elasticache._replication_groups[group_id]
    if _is_true(props.get("AutomaticFailoverEnabled")) and len(group.get("MemberClusters", [])) < 2 and not props.get("NumNodeGroups"):
        raise Refused("Replication group must have at least one read replica to enable autofailover.", "ElastiCache", 400,
                      "InvalidReplicationGroupState")


def complete_replication_group(group_id, props):
    group = elasticache._replication_groups[group_id]
    port = int(props.get("Port") or 6379)
    group["_localaws"] = {"KmsKeyId": props.get("KmsKeyId")}
    group["MemberClusters"] = [m["CacheClusterId"] for g in group.get("NodeGroups", []) for m in g["NodeGroupMembers"]]
    for node_group in group.get("NodeGroups", []):
        node_group["PrimaryEndpoint"] = {"Address": _host("master", group_id), "Port": port}
        node_group["ReaderEndpoint"] = {"Address": _host("replica", group_id), "Port": port}
        for member in node_group.get("NodeGroupMembers", []):
            member["ReadEndpoint"] = {"Address": _host(member["CacheClusterId"], group_id), "Port": port}
    return prov._ec_rg_attrs(group_id)


def complete_user(user_id, props):
    mode = props.get("AuthenticationMode") or {}
    passwords = mode.get("Passwords") or props.get("Passwords") or []
    kind = {"password": "password", "iam": "iam"}.get(mode.get("Type"), "password" if passwords else "no-password")
    elasticache._users[user_id]["Authentication"] = {"Type": kind, "PasswordCount": len(passwords)}


def create_serverless_cache(logical_id, props, stack_name):
    name = props.get("ServerlessCacheName") or generated_name(stack_name, logical_id, 40).lower()
    answer = query("elasticache", "CreateServerlessCache", {
        "ServerlessCacheName": name, "Engine": props["Engine"], "MajorEngineVersion": props.get("MajorEngineVersion"),
        "UserGroupId": props.get("UserGroupId"), "Description": props.get("Description"), "KmsKeyId": props.get("KmsKeyId"),
        "DailySnapshotTime": props.get("DailySnapshotTime"), "SubnetIds.member": props.get("SubnetIds"),
        "SecurityGroupIds.member": props.get("SecurityGroupIds"), "CacheUsageLimits": props.get("CacheUsageLimits")})
    address = first("Address", answer) or f"{name}.serverless.cache.amazonaws.com"
    port = first("Port", answer) or "6379"
    return name, {"ARN": first("ARN", answer), "FullEngineVersion": first("FullEngineVersion", answer),
                  "Endpoint.Address": address, "Endpoint.Port": port,
                  "ReaderEndpoint.Address": address, "ReaderEndpoint.Port": str(int(port) + 1)}


def delete_serverless_cache(name, props):
    query("elasticache", "DeleteServerlessCache", {"ServerlessCacheName": name})


def _wrap_group_xml(original):
    def fields(group):
        return original(group) + xml(group.get("_localaws", {}), "member")
    return fields


def install():
    elasticache._rg_xml = _wrap_group_xml(elasticache._rg_xml)
    extend("AWS::ElastiCache::ReplicationGroup", complete_replication_group, check_replication_group,
           check_update=check_replication_group_update)
    extend("AWS::ElastiCache::User", complete_user)
    add("AWS::ElastiCache::ServerlessCache", create_serverless_cache, delete_serverless_cache,
        ("Engine", "KmsKeyId", "ServerlessCacheName", "SnapshotArnsToRestore", "SubnetIds"))
