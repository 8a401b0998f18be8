"""Security groups: what EC2 refuses in descriptions and permissions, through stacks and through its own API."""
import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness.service_rules import made, ref, refused, res

ALPHABET = r"a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
ALL_OF_IT = "Az09. _-:/()#,@[]+=&;{}!$*"
RULE = f"Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: {ALPHABET}"
GROUP = f"Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  {ALPHABET}"
WEB = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}


def group(description="g", **props):
    return res("EC2::SecurityGroup", GroupDescription=description, **props)


BAD = [("Moodle's data", RULE), ("to Zürich", RULE), ('a "quoted" word', RULE), ("<80%", RULE), ("x" * 256, RULE)]


@pytest.mark.parametrize("text,reason", BAD)
@pytest.mark.parametrize("direction", ["Ingress", "Egress"])
def test_a_rules_description_outside_the_alphabet_is_refused(aws, direction, text, reason):
    rule = {**WEB, "Description": text}
    assert reason in refused(aws, {"G": group(**{f"SecurityGroup{direction}": [rule]})}, "G")
    apart = res(f"EC2::SecurityGroup{direction}", GroupId=ref("G"), **rule)
    assert reason in refused(aws, {"G": group(), "R": apart}, "R", "two")


@pytest.mark.parametrize("text,reason", [
    ("Moodle's nodes", GROUP), ("x" * 256, GROUP),
    ("Für Knoten", "Value (Für Knoten) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.")])
def test_a_groups_description_outside_the_alphabet_is_refused(aws, text, reason):
    assert f"{reason} (Service: Ec2, Status Code: 400, Error Code: InvalidParameterValue)" in refused(aws, {"G": group(text)}, "G")


def test_the_whole_alphabet_is_taken(aws):
    rules = {f"SecurityGroup{d}": [{**WEB, "Description": ALL_OF_IT}, {**WEB, "FromPort": 80, "Description": "x" * 255}]
             for d in ("Ingress", "Egress")}
    apart = res("EC2::SecurityGroupIngress", GroupId=ref("G"), Description=ALL_OF_IT, **{**WEB, "ToPort": 444})
    made(aws, {"G": group(ALL_OF_IT, **rules), "R": apart, "Longest": group("x" * 255)})


def test_a_changed_description_is_refused_too(aws):
    rule = res("EC2::SecurityGroupIngress", GroupId=ref("G"), Description="fine", **WEB)
    made(aws, {"G": group(), "R": rule})
    worse = {**rule, "Properties": {**rule["Properties"], "Description": "it's not"}}
    assert aws.update("one", {"Resources": {"G": group(), "R": worse}}) == "UPDATE_ROLLBACK_COMPLETE"
    assert any(RULE in why for lid, status, why in aws.statuses("one", reasons=True) if (lid, status) == ("R", "UPDATE_FAILED"))


def test_the_api_refuses_as_well(aws):
    ec2 = aws.client("ec2")
    with pytest.raises(ClientError, match="Invalid security group description"):
        ec2.create_security_group(GroupName="a", Description="it's")
    made_here = ec2.create_security_group(GroupName="a", Description="fine")["GroupId"]

    def authorize(*described):
        ranges = [{"CidrIp": cidr, "Description": text} for cidr, text in described]
        ec2.authorize_security_group_ingress(GroupId=made_here, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [r]} for r in ranges])
    with pytest.raises(ClientError, match="Invalid rule description.*&;{}"):
        authorize(("10.0.0.0/8", "it's"))
    with pytest.raises(ClientError, match="The same permission must not appear multiple times") as refusal:
        authorize(("10.0.0.0/8", "one"), ("10.0.0.0/8", "two"))
    assert refusal.value.response["Error"]["Code"] == "InvalidParameterValue"
    authorize(("10.0.0.0/8", "one"), ("10.0.0.0/9", "two"))
    rule = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [made_here]}])["SecurityGroupRules"][0]
    with pytest.raises(ClientError, match="Invalid rule description"):
        ec2.modify_security_group_rules(GroupId=made_here, SecurityGroupRules=[
            {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": {"IpProtocol": "tcp", "Description": "it's"}}])
    with pytest.raises(ClientError, match='the specified rule "peer: 10.0.0.0/8, TCP, from port: 443, to port: 443, ALLOW" already exists'):
        authorize(("10.0.0.0/8", "another word"))


@pytest.mark.parametrize("again", [
    WEB, {**WEB, "Description": "another word"}, {**WEB, "IpProtocol": "6"}, {**WEB, "FromPort": "443"}])
def test_a_rule_that_the_group_has_is_refused_whatever_its_description(aws, again):
    apart = res("EC2::SecurityGroupIngress", GroupId=ref("G"), **again)
    assert "already exists (Service: Ec2, Status Code: 400, Error Code: InvalidPermission.Duplicate)" in refused(
        aws, {"G": group(SecurityGroupIngress=[{**WEB, "Description": "one"}]), "R": apart}, "R")


def test_a_rule_of_other_ports_peer_or_direction_is_another(aws):
    others = [{**WEB, "FromPort": 80}, {**WEB, "IpProtocol": "udp"}, {**WEB, "CidrIp": "10.0.0.0/8"}]
    apart = {f"R{n}": res("EC2::SecurityGroupIngress", GroupId=ref("G"), **rule) for n, rule in enumerate(others)}
    made(aws, {"G": group(SecurityGroupIngress=[WEB], SecurityGroupEgress=[WEB]), **apart})


@pytest.mark.parametrize("direction,store", [("Ingress", "IpPermissions"), ("Egress", "IpPermissionsEgress")])
def test_a_permission_twice_in_one_group_is_made_once_and_said(aws, direction, store):
    """CloudFormation does not fail it: aws-cloudformation/cloudformation-coverage-roadmap#612, #1532."""
    rules = [{**WEB, "Description": "EntryA"}, {**WEB, "Description": "EntryB"}]
    made(aws, {"G": group(**{f"SecurityGroup{direction}": rules})})
    said = {status: why for lid, status, why in aws.statuses("one", reasons=True) if lid == "G"}["CREATE_COMPLETE"]
    assert said.startswith(f"Received response status from AuthorizeSecurityGroup{direction} with Client.InvalidPermission.Duplicate: "
                           '"the specified rule \\"peer: 0.0.0.0/0, TCP, from port: 443, to port: 443, ALLOW\\" already exists".')
    found = aws.client("ec2").describe_security_groups(GroupIds=[aws.resource("one", "G")["PhysicalResourceId"]])
    assert [r["IpRanges"][0]["Description"] for r in found["SecurityGroups"][0][store]] == ["EntryA"]
