"""The services' rules about a resource and one that is there already, by their name under `check` in rules.yaml.

The generator finds both in one template (internal/cfn/servicerules/checks.go); here the other one is a record of its
service. Each function takes the rule and a resource's properties and yields (path, value) of what breaks it.
"""
import json

from ministack.services import ec2, kms, rds


def endpoint_dns(rule, props):
    vpc = ec2._vpcs.get(props.get("VpcId"), {})
    if str(props.get("PrivateDnsEnabled")).lower() == "true" and not (vpc.get("EnableDnsHostnames") and vpc.get("EnableDnsSupport", True)):
        yield "PrivateDnsEnabled", True


def serverless_range(rule, props):
    cluster = rds._clusters.get(props.get("DBClusterIdentifier"))
    if cluster and props.get("DBInstanceClass") == "db.serverless" and not cluster.get("ServerlessV2ScalingConfiguration"):
        yield "DBInstanceClass", "db.serverless"


def cluster_family(rule, props):
    name, version = props.get("DBClusterParameterGroupName"), str(props.get("EngineVersion", ""))
    group = rds._db_cluster_param_groups.get(name)
    if group and version and group["DBParameterGroupFamily"] != f"{props.get('Engine')}{version.split('.')[0]}":
        yield "DBClusterParameterGroupName", name


def logs_key(rule, props):
    """A service may be given a key by its ARN only; CloudWatch Logs is logs.REGION.amazonaws.com."""
    if not props.get("KmsKeyId"):
        return
    key = kms._keys.get(props["KmsKeyId"].split("/")[-1], {})
    allowed = [s for s in json.loads(key.get("Policy") or "{}").get("Statement", ()) if s.get("Effect") == "Allow"]
    if not any("logs." in json.dumps(statement.get("Principal")) for statement in allowed):
        yield "KmsKeyId", props["KmsKeyId"]


CHECKS = {"endpoint-dns": endpoint_dns, "serverless-range": serverless_range, "cluster-family": cluster_family, "logs-key": logs_key}
