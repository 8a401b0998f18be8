"""What other services do not delete while something needs it, where ministack's handlers pass over it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html: CloudFormation takes away what the role's own
properties gave it, and no more; a policy that somebody attached by hand fails the deletion ("Cannot delete entity, must
detach all policies first." in many public logs).
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteCacheSubnetGroup.html
https://docs.aws.amazon.com/efs/latest/ug/API_DeleteFileSystem.html (FileSystemInUse)
https://docs.aws.amazon.com/Route53/latest/APIReference/API_DeleteHostedZone.html (HostedZoneNotEmpty)
https://docs.aws.amazon.com/waf/latest/APIReference/API_DeleteWebACL.html (WAFAssociatedItemException)
Texts of EFS and of inline policies: memory.
"""
from ministack.services import efs, elasticache, iam, route53, waf

from .registry import Refused, extend


def check_role(name, props):
    role = iam._roles.get(name, {})
    if any(name in profile.get("Roles", []) for profile in iam._instance_profiles.values()):
        raise Refused("Cannot delete entity, must remove roles from instance profile first.", "Iam", 409, "DeleteConflict")
    if set(role.get("AttachedPolicies", [])) - set(props.get("ManagedPolicyArns") or []):
        raise Refused("Cannot delete entity, must detach all policies first.", "Iam", 409, "DeleteConflict")
    if set(role.get("InlinePolicies", {})) - {p.get("PolicyName") for p in props.get("Policies") or []}:
        raise Refused("Cannot delete entity, must delete policies first.", "Iam", 409, "DeleteConflict")


def check_cache_subnets(name, props):
    if any(r.get("CacheSubnetGroupName") == name for table in (elasticache._clusters, elasticache._replication_groups) for r in table.values()):
        raise Refused(f"Cache subnet group {name} is currently in use by a cache cluster.", "ElastiCache", 400, "CacheSubnetGroupInUse")


def check_file_system(system, props):
    if any(target["FileSystemId"] == system for target in efs._mount_targets.values()):
        raise Refused(f"File system '{system}' has mount targets and cannot be deleted.", "Efs", 409, "FileSystemInUse")


def check_zone(zone, props):
    name = route53._zones.get(zone, {}).get("name")
    if any(not (r["Type"] in ("SOA", "NS") and r["Name"] == name) for r in route53._records.get(zone, [])):
        raise Refused("The specified hosted zone contains non-required resource record sets and so cannot be deleted.", "Route53", 400,
                      "HostedZoneNotEmpty")


def check_web_acl(physical_id, props):
    acl = next((a for i, a in waf._web_acls.items() if i in physical_id), {})
    if acl and acl.get("ARN") in waf._associations.values():
        raise Refused("AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated "
                      "with another resource.", "Wafv2", 400, "WAFAssociatedItemException")


CHECKS = {"AWS::IAM::Role": check_role, "AWS::ElastiCache::SubnetGroup": check_cache_subnets, "AWS::EFS::FileSystem": check_file_system,
          "AWS::Route53::HostedZone": check_zone, "AWS::WAFv2::WebACL": check_web_acl}


def _careful(check):
    def delete(original, physical_id, props):
        check(physical_id, props)
        original(physical_id, props)
    return delete


def install():
    for rtype, check in CHECKS.items():
        extend(rtype, lambda physical_id, props: {}, delete=_careful(check))
