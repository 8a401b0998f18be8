"""AWS::ElastiCache::ParameterGroup, and the group that a replication group names.

https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheParameterGroup.html (the families)
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteCacheParameterGroup.html
Texts that people quoted from ElastiCache: another family (hashicorp/terraform#11269,
aws-samples/dify-self-hosted-on-aws#24), an unknown group (ministryofjustice/cloud-platform-environments#2272), one in
use (aws-controllers-k8s/community#2004). The text for an unknown family is RDS's
(aws-cloudformation/cloudformation-coverage-roadmap#703): ElastiCache's own nobody has quoted.
"""
from ministack.services import elasticache

from .registry import Refused, extend, guarded

FAMILIES = {family for _, family, _ in elasticache._DEFAULT_PARAM_GROUP_FAMILIES}
FIRST_VERSIONS = {"redis": "7.0", "valkey": "8.0"}  # what ministack takes where none is given


def _refused(message, code, status=400):
    return Refused(message, "ElastiCache", status, code)


def check_family(family):
    if family not in FAMILIES:
        raise _refused(f"CacheParameterGroupFamily {family} is not a valid parameter group family", "InvalidParameterValue")


def check_group(name, engine, version):
    """Refuses a parameter group that a cache of the engine and version cannot use."""
    elasticache._seed_default_param_groups()
    group = elasticache._param_groups.get(name)
    if not group:
        raise _refused(f"CacheParameterGroup not found: {name}", "CacheParameterGroupNotFound", 404)
    wanted = elasticache._param_group_family_for_engine(engine, version or FIRST_VERSIONS.get(engine))
    if group["CacheParameterGroupFamily"] != wanted:
        raise _refused(f"Expected a parameter group of family {wanted} but found one of family {group['CacheParameterGroupFamily']}",
                       "InvalidParameterCombination")


def _check_unused(name):
    if any(group.get("CacheParameterGroupName") == name for group in elasticache._replication_groups.values()):
        raise _refused(f"One or more cache clusters are still members of this parameter group {name}, so the group cannot be deleted.",
                       "InvalidCacheParameterGroupState")


def _delete(original, name, props):
    _check_unused(name)
    original(name, props)


def install():
    elasticache._create_param_group = guarded(
        elasticache._create_param_group,
        lambda params: check_family(elasticache._p(params, "CacheParameterGroupFamily")), elasticache._error)
    elasticache._delete_param_group = guarded(
        elasticache._delete_param_group,
        lambda params: _check_unused(elasticache._p(params, "CacheParameterGroupName")), elasticache._error)
    extend("AWS::ElastiCache::ParameterGroup", lambda name, props: {},
           lambda props: check_family(props["CacheParameterGroupFamily"]), _delete)
