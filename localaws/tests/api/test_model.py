"""Every CloudFormation action that ministack answers, by botocore's model. (conftest checks each answer of each
test.)"""
import json

import pytest
from botocore.exceptions import ClientError

from localaws.tests.harness import site_templates as site
from localaws.tests.harness.model_check import answer_problems


def test_the_check_itself_finds_what_is_wrong(aws):
    operation = aws.cfn.meta.service_model.operation_model("DescribeStacks")
    body = (b"<R><DescribeStacksResult><Stacks><member><StackName>a</StackName><Nope>1</Nope><StackStatus>DONE</StackStatus>"
            b"<CreationTime>soon</CreationTime></member></Stacks></DescribeStacksResult></R>")
    assert len(list(answer_problems(operation, body))) == 3


def test_every_reading_action(aws):
    arn, _ = aws.create("site", site.root(aws), Tags=[{"Key": "a", "Value": "b"}])
    made = aws.cfn.create_change_set(StackName="site", ChangeSetName="p", TemplateBody=json.dumps(
        site.root(aws, "2", app_=site.app("v2"))), IncludeNestedStacks=True)
    cfn = aws.cfn
    cfn.describe_stacks()
    cfn.list_stacks()
    cfn.describe_stack_events(StackName=arn)
    cfn.describe_events(StackName=arn)
    cfn.describe_stack_resources(StackName=arn)
    cfn.list_stack_resources(StackName=arn)
    cfn.describe_stack_resource(StackName=arn, LogicalResourceId="App")
    cfn.get_template(StackName=arn)
    cfn.get_template_summary(StackName=arn)
    cfn.validate_template(TemplateBody=json.dumps(site.app()))
    cfn.list_exports()
    cfn.list_imports(ExportName="site-VpcId")
    cfn.list_change_sets(StackName=arn)
    cfn.describe_change_set(ChangeSetName=made["Id"])
    cfn.describe_change_set(ChangeSetName=made["Id"], IncludePropertyValues=True)
    cfn.get_stack_policy(StackName=arn)
    detection = cfn.detect_stack_drift(StackName=arn)["StackDriftDetectionId"]
    cfn.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
    cfn.describe_stack_resource_drifts(StackName=arn)
    cfn.update_termination_protection(StackName=arn, EnableTerminationProtection=False)


@pytest.mark.parametrize("call,wanted", [
    (lambda c: c.describe_stacks(StackName="no"), "Stack with id no does not exist"),
    (lambda c: c.describe_change_set(StackName="no", ChangeSetName="p"), r"Stack \[no\] does not exist"),
    (lambda c: c.delete_change_set(StackName="no", ChangeSetName="p"), r"Stack \[no\] does not exist"),
    (lambda c: c.delete_change_set(ChangeSetName="p"), "StackName must be specified if ChangeSetName is not specified as an ARN."),
    (lambda c: c.describe_stack_resource(StackName="no", LogicalResourceId="x"), "Stack 'no' does not exist"),
    (lambda c: c.create_stack(StackName="a", TemplateBody='{"Parameters": {"Input": {"Type": "String"}}, "Resources": {"T": '
                                                          '{"Type": "AWS::SNS::Topic"}}}'), r"Parameters: \[Input\] must have values")])
def test_recorded_errors(aws, call, wanted):
    with pytest.raises(ClientError, match=wanted):
        call(aws.cfn)
