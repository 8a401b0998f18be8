"""The services' rules that the generator and the local AWS share: both run the same examples."""
import functools
import json
import urllib.request
from pathlib import Path

import pytest
import yaml

from localaws import schema
from localaws.templates import related_rules, rule_checks, service_rules
from localaws.tests.harness.service_rules import VPC, made, ref, refused, res

EXAMPLES = service_rules.RULES.parent / "testdata" / "examples.yaml"


@functools.cache
def examples():
    return yaml.safe_load(EXAMPLES.read_text())


def written(value):
    """{repeat: a, times: 3} in full: a text, or a list if what repeats is not a text."""
    if isinstance(value, list):
        return [written(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "repeat" in value:
        return value["repeat"] * value["times"] if isinstance(value["repeat"], str) else [written(value["repeat"])] * value["times"]
    return {key: written(item) for key, item in value.items()}


def resources(rule, row, example):
    """The resources of an example; the stack's tags are among their own."""
    example = written(example)
    rtype = row.get("type") or next(iter(rule["at"]))
    for resource in example.get("Resources", {"X": {"Type": rtype, "Properties": example}}).values():
        props, tags = resource.get("Properties", {}), schema.tags_list(resource["Type"])
        if tags and row.get("tags"):
            own = props.get(tags, [])
            kept = {tag.get("Key") for tag in own}
            props = {**props, tags: [*own, *({"Key": k, "Value": v} for k, v in row["tags"].items() if k not in kept)]}
        yield resource["Type"], props


def broken(rule, row, example):
    return [found for rtype, props in resources(rule, row, example) for found in service_rules.violations(rule, rtype, props)]


@pytest.mark.parametrize("rule", list(filter(service_rules.is_known, service_rules.rules())), ids=lambda rule: rule["id"])
def test_every_rule_refuses_what_breaks_it_and_takes_what_nearly_does(rule):
    row = examples()[rule["id"]]
    assert all(broken(rule, row, example) for example in row["breaks"])
    assert [found for example in row["passes"] for found in broken(rule, row, example)] == []


def test_every_check_is_known_or_said_to_be_elsewhere_or_nowhere():
    said = [*rule_checks.CHECKS, *related_rules.CHECKS, *rule_checks.ELSEWHERE, *rule_checks.BY_MINISTACK,
            *rule_checks.NOWHERE]
    assert sorted(said) == sorted({rule["check"] for rule in service_rules.rules() if "check" in rule})
    assert all((Path(rule_checks.__file__).parents[1] / path).exists() for path in rule_checks.ELSEWHERE.values())


def test_a_resource_is_refused_in_its_services_words(aws):
    group = res("EC2::SecurityGroup", GroupDescription="d", SecurityGroupEgress=[
        {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0", "Description": "Ubuntu's mirrors"}])
    why = refused(aws, {"Group": group}, "Group")
    assert "Invalid rule description." in why and "(Service: Ec2, Status Code: 400, Error Code: InvalidParameterValue)" in why


def endpoint(**vpc):
    return {"Vpc": res("EC2::VPC", CidrBlock="10.0.0.0/16", **vpc), "A": VPC["A"],
            "X": res("EC2::VPCEndpoint", VpcId=ref("Vpc"), VpcEndpointType="Interface", PrivateDnsEnabled=True,
                     ServiceName="com.amazonaws.eu-west-1.ssm", SubnetIds=[ref("A")])}


def database(family, scaling):
    return {"Parameters": res("RDS::DBClusterParameterGroup", Description="d", Family=family, Parameters={"rds.force_ssl": "1"}),
            "X": res("RDS::DBCluster", Engine="aurora-postgresql", EngineVersion="17.5", MasterUsername="moodle",
                     MasterUserPassword="long enough", DBClusterParameterGroupName=ref("Parameters"), **scaling),
            "Writer": res("RDS::DBInstance", Engine="aurora-postgresql", DBInstanceClass="db.serverless", DBClusterIdentifier=ref("X"))}


def log_group(*principals):
    key = res("KMS::Key", KeyPolicy={"Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"} for principal in principals]})
    return {"Key": key, "X": res("Logs::LogGroup", KmsKeyId={"Fn::GetAtt": ["Key", "Arn"]})}


ROOT, LOGS = {"AWS": "arn:aws:iam::123456789012:root"}, {"Service": "logs.eu-west-1.amazonaws.com"}
RANGE = {"ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 1}}
BOTH = {"EnableDnsSupport": True, "EnableDnsHostnames": True}


@pytest.mark.parametrize("good,bad,failing,reason", [
    (endpoint(**BOTH), endpoint(), "X", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames"),
    (database("aurora-postgresql17", RANGE), database("aurora-postgresql17", {}), "Writer", "Set the Serverless v2 scaling configuration"),
    (database("aurora-postgresql17", RANGE), database("aurora-postgresql16", RANGE), "X", "cannot be used for this instance."),
    (log_group(ROOT, LOGS), log_group(ROOT), "X", "does not exist or is not allowed to be used with Arn"),
], ids=related_rules.CHECKS)
def test_what_a_service_refuses_beside_another_resource(aws, good, bad, failing, reason):
    made(aws, good, "good")
    assert reason in refused(aws, bad, failing)


def test_a_rule_from_memory_only_warns(monkeypatch):
    rule = {"id": "r", "from": "memory", "rule": "A name is short", "at": {"T::T::T": ["."]},
            "must": [{"path": "Name", "maxLength": 3}], "error": {"code": "C", "text": "{value} is long"}}
    monkeypatch.setattr(service_rules, "rules", lambda: [rule])
    monkeypatch.setattr(service_rules, "warnings", [])
    service_rules.check("T::T::T", "X", {"Name": "long"})
    assert service_rules.warnings == ["X.Name: A name is short (rule r, from memory)"]
    with pytest.raises(service_rules.Refused, match="long is long.*Error Code: C"):
        monkeypatch.setitem(rule, "from", "read")
        service_rules.check("T::T::T", "X", {"Name": "long"})


def test_the_warnings_are_listed(aws):
    with urllib.request.urlopen(aws.url + "/_localaws/warnings") as answer:
        assert json.load(answer) == {"warnings": []}
