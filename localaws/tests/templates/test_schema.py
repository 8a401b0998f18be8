"""The schemas' table: every pattern of it compiles here, and each limit is refused in CloudFormation's words."""
import json
import re

import pytest

from localaws import schema


def found(rtype, **props):
    return list(schema.problems(f"AWS::{rtype}", props))


@pytest.mark.parametrize("rtype,props,want", [
    ("IAM::Role", {"AssumeRolePolicyDocument": {}, "RoleName": "Moodle's"}, "#/RoleName: failed validation constraint for keyword [pattern]"),
    ("KMS::Key", {"Description": "d" * 8193}, "#/Description: expected maxLength: 8192, actual: 8193"),
    ("IAM::Role", {"AssumeRolePolicyDocument": {}, "RoleName": ""}, "#/RoleName: expected minLength: 1, actual: 0"),
    ("KMS::Key", {"PendingWindowInDays": 6}, "#/PendingWindowInDays: failed validation constraint for keyword [minimum]"),
    ("AutoScaling::AutoScalingGroup", {"MinSize": "1", "MaxSize": "1", "InstanceMaintenancePolicy": {"MinHealthyPercentage": 101}},
     "#/InstanceMaintenancePolicy/MinHealthyPercentage: failed validation constraint for keyword [maximum]"),
    ("KMS::Key", {"PendingWindowInDays": "31"}, "#/PendingWindowInDays: failed validation constraint for keyword [maximum]"),
    ("IAM::InstanceProfile", {"Roles": ["a", "b"]}, "#/Roles: expected maximum item count: 1, found: 2"),
    ("EC2::FlowLog", {"TagFieldSpecifications": []}, "#/TagFieldSpecifications: expected minimum item count: 1, found: 0"),
    ("ElastiCache::ReplicationGroup", {"ReplicationGroupDescription": "d", "SecurityGroupIds": ["a", "a"]}, "#/SecurityGroupIds: array items are not unique"),
    ("RDS::DBCluster", {"Tags": [{"Key": "", "Value": "v"}]}, "#/Tags/0/Key: expected minLength: 1, actual: 0"),
    ("EFS::FileSystem", {"ThroughputMode": "fast"}, "#/ThroughputMode: failed validation constraint for keyword [enum]")])
def test_a_limit_is_refused_in_cloudformations_words(rtype, props, want):
    assert want in found(rtype, **props)


@pytest.mark.parametrize("value,good", [("Schule am Fluß", True), ("Ω ٣", True), ("3×4", False), ("a'b", False)])
def test_letters_are_those_of_all_scripts(value, good):
    assert (found("CertificateManager::Certificate", DomainName="a.example.edu", Tags=[{"Key": "Owner", "Value": value}]) == []) == good


def test_ec2_answers_for_a_groups_description():
    assert found("EC2::SecurityGroup", GroupDescription="Moodle's") == []


def test_what_a_secret_stands_for_is_not_known():
    assert found("CertificateManager::Certificate", DomainName="{{resolve:ssm:name}}" + "x" * 300) == []


def test_every_pattern_compiles_and_says_something():
    notations = set(re.findall(r'"[^"]* ~ (?:[^"\\]|\\.)*"', schema.TABLE.read_text()))
    patterns = [json.loads(n).split(" ~ ", 1)[1] for n in notations]
    assert len(patterns) > 60
    for pattern in patterns:
        schema.pattern(pattern)
    assert any(not schema.pattern(p).search("") for p in patterns)
