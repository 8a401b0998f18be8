"""CreationPolicy and rolling updates wait for signals."""
import json


def group(desired="1", timeout="PT10M", template_version="1", **update_policy):
    return {"Resources": {
        "Template": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": {"InstanceType": "t4g.small"}}},
        "Fleet": {"Type": "AWS::AutoScaling::AutoScalingGroup",
                  "CreationPolicy": {"ResourceSignal": {"Count": int(desired), "Timeout": timeout}},
                  "UpdatePolicy": {"AutoScalingRollingUpdate": update_policy} if update_policy else {},
                  "Properties": {"MinSize": desired, "MaxSize": "4", "DesiredCapacity": desired, "LaunchTemplate": {
                      "LaunchTemplateId": {"Ref": "Template"}, "Version": template_version}}}}}


def create_held(aws, template):
    aws.settings(simulated_nodes=0)
    arn = aws.cfn.create_stack(StackName="fleet", TemplateBody=json.dumps(template))["StackId"]
    aws.until(lambda: aws.statuses(arn).count(("Fleet", "CREATE_IN_PROGRESS")) == 2)
    return arn


def signal(aws, unique_id, status="SUCCESS"):
    aws.cfn.signal_resource(StackName="fleet", LogicalResourceId="Fleet", UniqueId=unique_id, Status=status)


def test_a_creation_policy_waits_for_its_signals(aws):
    arn = create_held(aws, group("2"))
    signal(aws, "i-0")
    aws.until(lambda: ("Fleet", "CREATE_IN_PROGRESS", "Received SUCCESS signal with UniqueId i-0") in aws.statuses(arn, reasons=True))
    assert aws.status(arn) == "CREATE_IN_PROGRESS"
    signal(aws, "i-1")
    assert aws.wait(arn) == "CREATE_COMPLETE"


def test_a_creation_policy_times_out(aws):
    arn = create_held(aws, group())
    aws.clock(advance_seconds=601)
    assert aws.wait(arn) == "ROLLBACK_COMPLETE"
    reason = "Failed to receive 1 resource signal(s) within the specified duration"
    assert ("Fleet", "CREATE_FAILED", reason) in aws.statuses(arn, reasons=True)


def test_a_creation_policy_fails_by_a_signal(aws):
    arn = create_held(aws, group())
    signal(aws, "i-1", "FAILURE")
    assert aws.wait(arn) == "ROLLBACK_COMPLETE"
    assert any("Received 1 FAILURE signal(s) out of 1." in r for *_, r in aws.statuses(arn, reasons=True))


def test_simulated_nodes_say_that_they_are(aws):
    arn, status = aws.create("fleet", group("2"))
    assert status == "CREATE_COMPLETE"
    instances = aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"]
    received = [r for *_, r in aws.statuses(arn, reasons=True) if r.startswith("Received")]
    assert received == [f"Received SUCCESS signal with UniqueId {i['InstanceId']} (simulated node)" for i in instances]


ROLLING = {"WaitOnResourceSignals": True, "PauseTime": "PT5M", "MinInstancesInService": 1, "MaxBatchSize": 1}


def test_a_rolling_update_waits_batch_by_batch(aws):
    aws.create("fleet", group("2"))
    before = len(aws.events("fleet"))
    assert aws.update("fleet", group("2", template_version="2", **ROLLING)) == "UPDATE_COMPLETE"
    said = [r.split(" ")[0] for lid, _, r in aws.statuses("fleet", reasons=True)[before:] if lid == "Fleet" and r]
    assert said == ["Rolling", "Temporarily", *["Terminating", "Successfully", "New", "Received"] * 2]


def test_a_rolling_update_without_signals_is_sent_back(aws):
    aws.create("fleet", group("2"))
    aws.settings(simulated_nodes=0)
    aws.cfn.update_stack(StackName="fleet", TemplateBody=json.dumps(group("2", template_version="2", **ROLLING)))
    aws.until(lambda: any("New instance(s) added" in r for *_, r in aws.statuses("fleet", reasons=True)))
    aws.clock(advance_seconds=301)
    assert aws.wait("fleet") == "UPDATE_ROLLBACK_COMPLETE"
    statuses = aws.statuses("fleet", reasons=True)
    assert any(s == "UPDATE_FAILED" and r.startswith("Received 0 SUCCESS signal(s) out of 1.") for _, s, r in statuses)


def test_the_stacks_tags_reach_the_groups_instances(aws):
    arn, _ = aws.create("fleet", group(), Tags=[{"Key": "school", "Value": "x"}])
    tags = aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]["Tags"]
    assert {t["Key"]: t["PropagateAtLaunch"] for t in tags} == {
        "school": True, **{f"aws:cloudformation:{k}": True for k in ("stack-name", "stack-id", "logical-id")}}
