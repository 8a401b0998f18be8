"""What the account has, or is not offered: records, zones, instance types. Sources: resources/record_sets.py,
resources/zones.py, resources/instance_types.py."""
import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness.service_rules import VPC, failures, made, ref, refused, res


@pytest.fixture
def zone(aws):
    made_zone = aws.client("route53").create_hosted_zone(Name="school.example", CallerReference="1")["HostedZone"]
    return made_zone["Id"].split("/")[-1]


def record(zone, value="192.0.2.1", name="moodle.school.example", kind="A"):
    return res("Route53::RecordSet", HostedZoneId=zone, Name=name, Type=kind, TTL="300", ResourceRecords=[value])


def change(aws, zone, action, value="192.0.2.1", name="moodle.school.example.", kind="A"):
    aws.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": {
        "Name": name, "Type": kind, "TTL": 300, "ResourceRecords": [{"Value": value}]}}]})


def values(aws, zone):
    found = aws.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [r["ResourceRecords"][0]["Value"] for r in found if r["Type"] == "A"]


def test_a_record_that_is_there_is_not_made(aws, zone):
    change(aws, zone, "CREATE", "192.0.2.9")
    text = "[Tried to create resource record set [name='moodle.school.example.', type='A'] but it already exists]"
    assert text in refused(aws, {"One": record(zone)}, "One")
    assert values(aws, zone) == ["192.0.2.9"]


def test_the_same_record_is_taken_over_and_another_type_is_another_record(aws, zone):
    change(aws, zone, "CREATE")
    change(aws, zone, "CREATE", "2001:db8::1", kind="AAAA")
    made(aws, {"One": record(zone)})
    assert aws.delete("one") == "DELETE_COMPLETE" and values(aws, zone) == []


def test_a_changed_record_is_not_deleted_and_a_missing_one_is_no_failure(aws, zone):
    arn = made(aws, {"One": record(zone)})
    change(aws, zone, "UPSERT", "192.0.2.9")
    assert aws.delete("one") == "DELETE_FAILED"
    assert "but the values provided do not match the current values]" in failures(aws, arn)["One"]
    change(aws, zone, "DELETE", "192.0.2.9")
    assert aws.delete("one") == "DELETE_COMPLETE"


def test_a_record_belongs_into_its_zone(aws, zone):
    assert "[RRSet with DNS name moodle.college.example. is not permitted in zone school.example.]" in refused(
        aws, {"One": record(zone, name="moodle.college.example")}, "One")
    assert "NoSuchHostedZone" in refused(aws, {"One": record("Z0")}, "One", name="two")


def test_a_subnet_in_a_zone_that_is_not_offered(aws):
    text = ("Value (eu-west-1f) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability "
            "zones: eu-west-1a, eu-west-1b, eu-west-1c.")
    subnet = res("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.9.0/24", AvailabilityZone="eu-west-1f")
    assert text in refused(aws, {**VPC, "One": subnet}, "One")
    vpc = aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    with pytest.raises(ClientError, match=r"\(InvalidParameterValue\).*eu-west-1f"):
        aws.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone="eu-west-1f")


def test_the_setting_says_which_zones_an_account_has(aws):
    def names():
        return [z["ZoneName"] for z in aws.client("ec2").describe_availability_zones()["AvailabilityZones"]]
    assert names() == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    aws.settings(zones={"eu-west-1": "bc"})
    assert names() == ["eu-west-1b", "eu-west-1c"]
    assert "Value (eu-west-1a)" in refused(aws, VPC, "A")
    first = res("SSM::Parameter", Type="String", Value={"Fn::Select": [0, {"Fn::GetAZs": ""}]})
    made(aws, {"Zone": first}, "two")
    assert aws.client("ssm").describe_parameters()["Parameters"]
    name = aws.resource("two", "Zone")["PhysicalResourceId"]
    assert aws.client("ssm").get_parameter(Name=name)["Parameter"]["Value"] == "eu-west-1b"


def test_other_services_want_a_zone_that_there_is(aws):
    assert "UnsupportedAvailabilityZone" in refused(aws, {"One": res("EFS::FileSystem", AvailabilityZoneName="eu-west-1f")}, "One")
    cluster = res("RDS::DBCluster", Engine="aurora-postgresql", MasterUsername="moodle", ManageMasterUserPassword=True,
                  ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 1})
    instance = res("RDS::DBInstance", Engine="aurora-postgresql", DBClusterIdentifier=ref("Cluster"), DBInstanceClass="db.serverless",
                   AvailabilityZone="eu-west-1f")
    assert "InvalidParameterValue" in refused(aws, {"Cluster": cluster, "One": instance}, "One", name="two")


def group(kind, *overrides):
    template = {"LaunchTemplateId": ref("Template"), "Version": {"Fn::GetAtt": ["Template", "LatestVersionNumber"]}}
    mixed = {"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": template, "Overrides": [
        {"InstanceType": o} for o in overrides]}}}
    return {**VPC, "Template": res("EC2::LaunchTemplate", LaunchTemplateData={"InstanceType": kind}),
            "One": res("AutoScaling::AutoScalingGroup", MinSize="1", MaxSize="1", VPCZoneIdentifier=[ref("A"), ref("B")],
                       **(mixed if overrides else {"LaunchTemplate": template}))}


@pytest.mark.parametrize("resources,wrong", [
    (group("t9.small"), "t9.small"), (group("m7g.nano"), "m7g.nano"), (group("t4g.small", "t4g.small", "m7g.huge"), "m7g.huge")])
def test_an_instance_type_that_does_not_exist(aws, resources, wrong):
    assert f"You must use a valid fully-formed launch template. Invalid value '{wrong}' for InstanceType." in refused(aws, resources, "One")


def test_an_instance_type_that_a_zone_lacks(aws):
    aws.settings(not_offered={"m7g.large": ["eu-west-1b"]})
    text = "Your requested instance type (m7g.large) is not supported in your requested Availability Zone (eu-west-1b)"
    assert text in refused(aws, group("t4g.small", "t4g.small", "m7g.large"), "One")
    made(aws, group("t4g.small", "t4g.small", "m7g.xlarge"), "two")
    assert aws.update("two", {"Resources": group("t4g.small", "m7g.large")}) == "UPDATE_ROLLBACK_COMPLETE"


def test_what_ec2_says_of_instance_types(aws):
    aws.settings(not_offered={"m7g.large": ["eu-west-1b"]})
    ec2 = aws.client("ec2")

    def offered(kind, place):
        found = ec2.describe_instance_type_offerings(LocationType=place, Filters=[{"Name": "instance-type", "Values": [kind]}])
        return [o["Location"] for o in found["InstanceTypeOfferings"]]
    assert offered("m7g.large", "availability-zone") == ["eu-west-1a", "eu-west-1c"] and offered("m7g.large", "region") == ["eu-west-1"]
    assert offered("t9.small", "region") == []
    kinds = {"t4g.small": 2, "m7g.medium": 1, "m7g.large": 2, "c7g.xlarge": 4, "m7i.8xlarge": 32, "m8g.metal-24xl": 96}
    said = ec2.describe_instance_types(InstanceTypes=list(kinds))["InstanceTypes"]
    assert {i["InstanceType"]: i["VCpuInfo"]["DefaultVCpus"] for i in said} == kinds
    assert {i["ProcessorInfo"]["SupportedArchitectures"][0] for i in said if "g" in i["InstanceType"].split(".")[0]} == {"arm64"}
    with pytest.raises(ClientError, match=r"\(InvalidInstanceType\).*do not exist: \[t9.small\]"):
        ec2.describe_instance_types(InstanceTypes=["t4g.small", "t9.small"])
