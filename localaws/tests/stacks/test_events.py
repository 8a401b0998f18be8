"""Events of one stack, in the order and with the words that AWS was recorded with."""
import json

from localaws.tests.harness import site_templates as site

MARK = "Requested update requires the creation of a new physical resource; hence creating one."


def topics(name, display):
    return {"Resources": {
        "Topic1": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, "DisplayName": display}},
        "Topic2": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "other", "DisplayName": {
            "Fn::GetAtt": ["Topic1", "TopicName"]}}}}}


def by_change_set(aws, name, template, kind):
    made = aws.cfn.create_change_set(StackName="stack", ChangeSetName=name, ChangeSetType=kind, TemplateBody=json.dumps(template))
    aws.cfn.execute_change_set(ChangeSetName=made["Id"])
    aws.wait("stack")


def test_a_replacement_as_recorded_in_replacement_json(aws):
    by_change_set(aws, "one", topics("a", "x"), "CREATE")
    by_change_set(aws, "two", topics("b", "x"), "UPDATE")
    statuses = aws.statuses("stack", reasons=True)

    def of(logical_id):
        return [(status, reason) for lid, status, reason in statuses if lid == logical_id]
    assert of("Topic1") == [
        ("CREATE_IN_PROGRESS", ""), ("CREATE_IN_PROGRESS", "Resource creation Initiated"), ("CREATE_COMPLETE", ""),
        ("UPDATE_IN_PROGRESS", MARK), ("UPDATE_IN_PROGRESS", "Resource creation Initiated"), ("UPDATE_COMPLETE", ""),
        ("DELETE_IN_PROGRESS", ""), ("DELETE_COMPLETE", "")]
    assert of("Topic2") == [
        ("CREATE_IN_PROGRESS", ""), ("CREATE_IN_PROGRESS", "Resource creation Initiated"), ("CREATE_COMPLETE", ""),
        ("UPDATE_IN_PROGRESS", ""), ("UPDATE_COMPLETE", "")]
    assert of("stack") == [
        ("REVIEW_IN_PROGRESS", "User Initiated"), ("CREATE_IN_PROGRESS", "User Initiated"), ("CREATE_COMPLETE", ""),
        ("UPDATE_IN_PROGRESS", "User Initiated"), ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", ""), ("UPDATE_COMPLETE", "")]


def test_what_an_update_adds_is_created(aws):
    aws.create("stack", {"Resources": {"A": site.parameter("a")}})
    aws.update("stack", {"Resources": {"A": site.parameter("a"), "B": site.parameter("b")}})
    assert [s for lid, s in aws.statuses("stack") if lid == "B"] == ["CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]


def test_retained_is_left_behind(aws):
    arn, _ = aws.create("stack", {"Resources": {"A": {**site.parameter("a"), "DeletionPolicy": "Retain"}}})
    aws.delete("stack")
    assert aws.statuses(arn)[-2:] == [("A", "DELETE_SKIPPED"), ("stack", "DELETE_COMPLETE")]


def test_one_event_a_failure_and_its_reason_in_the_stacks_status(aws):
    aws.settings(fail={"A": 1})
    arn, _ = aws.create("stack", {"Resources": {"A": site.parameter("a")}})
    reason = "The following resource(s) failed to create: [A]. Rollback requested by user."
    assert aws.statuses(arn, reasons=True).count(("stack", "ROLLBACK_IN_PROGRESS", reason)) == 1
    assert aws.cfn.describe_stacks(StackName=arn)["Stacks"][0]["StackStatusReason"] == reason
