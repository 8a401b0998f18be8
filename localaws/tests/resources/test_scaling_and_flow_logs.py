"""Flow logs and their role, Auto Scaling groups, their scheduled actions, and target groups."""
import pytest

from localaws.tests.harness.service_rules import VPC, att, failures, made, ref, refused, res

EXAMPLE = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"]


def flow_log(*statements, managed=False):
    """A flow log whose role has the statements, in a policy of its own or of the role."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **s} for s in statements]}
    own = {"Policies": [{"PolicyName": "p", "PolicyDocument": document}]} if statements and not managed else {}
    trust = {"Version": "2012-10-17", "Statement": []}
    return {**VPC, "Logs": res("Logs::LogGroup"), "Role": res("IAM::Role", AssumeRolePolicyDocument=trust, **own),
            **({"P": res("IAM::ManagedPolicy", PolicyDocument=document, Roles=[ref("Role")])} if managed else {}),
            "Flow": res("EC2::FlowLog", ResourceId=ref("Vpc"), ResourceType="VPC", TrafficType="ALL", LogGroupName=ref("Logs"),
                        LogDestinationType="cloud-watch-logs", DeliverLogsPermissionArn=att("Role", "Arn"))}


def delivery(aws):
    said = aws.client("ec2").describe_flow_logs()["FlowLogs"][0]
    return said["FlowLogStatus"], said["DeliverLogsStatus"], said.get("DeliverLogsErrorMessage")


OF_THE_GROUP = {"Action": EXAMPLE, "Resource": att("Logs", "Arn")}


@pytest.mark.parametrize("resources", [
    flow_log({"Action": EXAMPLE, "Resource": "*"}), flow_log({"Action": EXAMPLE, "Resource": "*"}, managed=True),
    flow_log(OF_THE_GROUP, {"Action": "logs:DescribeLogGroups", "Resource": "*"})], ids=["example", "managed", "narrow"])
def test_a_flow_log_whose_role_may_write(aws, resources):
    made(aws, resources)
    assert delivery(aws) == ("ACTIVE", "SUCCESS", None)


@pytest.mark.parametrize("resources", [
    flow_log(), *(flow_log({"Action": [a for a in EXAMPLE if a != left_out], "Resource": "*"}) for left_out in EXAMPLE),
    flow_log(OF_THE_GROUP), flow_log({"Action": EXAMPLE, "Resource": "*"}, {"Effect": "Deny", "Action": "logs:*", "Resource": "*"})],
    ids=["nothing", *EXAMPLE, "groups of one", "denied"])
def test_a_flow_log_whose_role_may_not_is_made_and_stays_empty(aws, resources):
    made(aws, resources)
    assert delivery(aws) == ("ACTIVE", "FAILED", "Access error")


def test_a_flow_logs_role_that_cannot_be_decided_says_so(aws):
    late = {"Action": EXAMPLE, "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"}}}
    made(aws, flow_log(late))
    assert "does not know the condition operator DateLessThan" in delivery(aws)[2]


def test_a_flow_log_without_a_role_is_refused(aws):
    flow = flow_log()["Flow"]
    flow = {**flow, "Properties": {k: v for k, v in flow["Properties"].items() if k != "DeliverLogsPermissionArn"}}
    assert "DeliverLogsPermissionArn can't be empty" in refused(aws, {**flow_log(), "Flow": flow}, "Flow")


# Auto Scaling
def fleet(**props):
    template = res("EC2::LaunchTemplate", LaunchTemplateData={"InstanceType": "t4g.small"})
    group = res("AutoScaling::AutoScalingGroup", MinSize="1", MaxSize="2", VPCZoneIdentifier=[ref("A")], LaunchTemplate={
        "LaunchTemplateId": ref("Template"), "Version": att("Template", "LatestVersionNumber")}, **props)
    return {**VPC, "Template": template, "Fleet": group}


@pytest.mark.parametrize("policy", [{}, {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200},
                                    {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 100},
                                    {"MinHealthyPercentage": -1, "MaxHealthyPercentage": -1}])
def test_a_maintenance_policy(aws, policy):
    made(aws, fleet(InstanceMaintenancePolicy=policy))


@pytest.mark.parametrize("policy", [{"MinHealthyPercentage": 100}, {"MaxHealthyPercentage": 110}, {"MinHealthyPercentage": 0,
                                    "MaxHealthyPercentage": 200},
                                    {"MinHealthyPercentage": 50, "MaxHealthyPercentage": 99}])
def test_a_maintenance_policy_out_of_its_range_is_refused(aws, policy):
    too_far = policy == {"MinHealthyPercentage": 0, "MaxHealthyPercentage": 200}
    words = "The difference between MaxHealthyPercentage and MinHealthyPercentage" if too_far else "The InstanceMaintenancePolicy is not valid"
    assert words in refused(aws, fleet(InstanceMaintenancePolicy=policy), "Fleet")


def action(recurrence="0 22 * * *", after=(), group=ref("Fleet"), **props):
    return res("AutoScaling::ScheduledAction", after, AutoScalingGroupName=group, MinSize=1,
               **({"Recurrence": recurrence} if recurrence else {}), **props)


EXISTS = "Scheduled action with this scheduled start time already exists (Service: AutoScaling, Status Code: 400, Error Code: AlreadyExists)"


def test_scheduled_actions_made_at_the_same_time_are_refused(aws):
    assert EXISTS in refused(aws, {**fleet(), "Night": action(), "Day": action("0 6 * * *")}, "Night")


def test_scheduled_actions_made_one_after_the_other(aws):
    chain = {**fleet(), "Night": action(), "Topic": res("SNS::Topic", ["Night"]), "Day": action("0 6 * * *", ["Topic"]),
             "Exam": action("45 6 1-5 2 *", ["Day"])}
    made(aws, chain)
    later = {**chain, "Spring": action("0 5 * * *")}
    assert aws.update("one", {"Resources": later}) == "UPDATE_COMPLETE", "those from before are not put again"
    both = {**later, "Spring": action("0 4 * * *"), "Exam": action("45 7 1-5 2 *", ["Day"])}
    assert aws.update("one", {"Resources": both}) == "UPDATE_ROLLBACK_COMPLETE"
    assert any(EXISTS in why for why in failures(aws, "one").values())


def test_scheduled_actions_of_two_groups_do_not_meet(aws):
    other = {"Other": fleet()["Fleet"]}
    made(aws, {**fleet(), **other, "Night": action(), "Day": action("0 6 * * *", group=ref("Other"))})


def test_two_actions_never_start_at_the_same_moment(aws):
    start = {"recurrence": None, "StartTime": "2099-02-15T05:45:00Z"}
    assert EXISTS in refused(aws, {**fleet(), "One": action(**start), "Two": action(after=["One"], **start)}, "Two")


@pytest.mark.parametrize("other", [{"recurrence": "00 22 * JAN-DEC *"}, {"recurrence": "0 22 * * 0-6"},
                                   {"recurrence": "30 3 * * *", "TimeZone": "Asia/Kolkata"}])
def test_two_spellings_of_one_moment_are_refused(aws, other):
    assert EXISTS in refused(aws, {**fleet(), "One": action(), "Two": action(after=["One"], **other)}, "Two")


# Elastic Load Balancing
def targets(attributes=None, **props):
    given = [{"Key": k, "Value": v} for k, v in (attributes or {}).items()]
    return {**VPC, "Targets": res("ElasticLoadBalancingV2::TargetGroup", VpcId=ref("Vpc"), Port=80, Protocol="HTTP",
                                  TargetGroupAttributes=given, **props)}


@pytest.mark.parametrize("resources,reason", [
    (targets(HealthCheckIntervalSeconds=10, HealthCheckTimeoutSeconds=10), "Health check interval must be greater than the timeout"),
    (targets(HealthCheckIntervalSeconds=5), "Health check interval must be greater than the timeout"),
    (targets({"deregistration_delay.timeout": "60"}), "attribute key 'deregistration_delay.timeout' is not recognized"),
    (targets({"deregistration_delay.timeout_seconds": "3601"}), "'3601'"), (targets({"slow_start.duration_seconds": "29"}), "'29'"),
    (targets({"slow_start.duration_seconds": "30", "load_balancing.algorithm.type": "least_outstanding_requests"}), "not fit the algorithm"),
    (targets({"slow_start.duration_seconds": "30", "load_balancing.algorithm.type": "weighted_random"}), "Slow start mode"),
    (targets({"load_balancing.algorithm.anomaly_mitigation": "on"}), "Anomaly mitigation"),
    (targets(Matcher={"HttpCode": "200-599"}), "Health check matcher HTTP code '200-599' must be within '200-499' inclusive")])
def test_what_elb_refuses_of_target_groups(aws, resources, reason):
    assert reason in refused(aws, resources, "Targets")


@pytest.mark.parametrize("resources", [
    targets(), targets(Matcher={"HttpCode": "200,302-399"}), targets(HealthCheckIntervalSeconds=10, HealthCheckTimeoutSeconds=9),
    targets({"deregistration_delay.timeout_seconds": "300", "load_balancing.algorithm.type": "least_outstanding_requests"}),
    targets({"slow_start.duration_seconds": "30"}), targets({"stickiness.enabled": "true", "stickiness.type": "lb_cookie"}),
    targets({"load_balancing.algorithm.type": "weighted_random", "load_balancing.algorithm.anomaly_mitigation": "on"})])
def test_what_elb_takes_of_target_groups(aws, resources):
    made(aws, resources)
