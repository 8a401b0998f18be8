"""Intrinsic functions in YAML's short forms, and dynamic references."""
import base64
import json

TEMPLATE = """
Mappings:
  Sizes: {dev: {Value: small}}
Conditions:
  Never: !Equals [a, b]
  Always: !Not [!Condition Never]
Resources:
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: {SecretString: '{"user": "moodle", "key": "k3y"}'}
  Source:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Name: /source, Value: from ssm}
  Topic:
    Type: AWS::SNS::Topic
    DependsOn: Source
    Properties:
      DisplayName: "{{resolve:ssm:/source}}"
      TopicName: !If [Never, never, !Ref AWS::NoValue]
  Values:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: !Sub
        - |-
          ${AWS::Partition} ${AWS::URLSuffix} ${AWS::Region} ${AWS::AccountId} ${AWS::StackName} ${!Literal}
          ${Joined} ${Split} ${Base64} ${Cidr} ${Zone} ${Found} ${Chosen}
          ${Topic.TopicName}
        - Joined: !Join ["-", [a, !Ref "AWS::Region"]]
          Split: !Select [1, !Split [",", "x,y,z"]]
          Base64: !Base64 text
          Cidr: !Select [2, !Cidr [10.0.0.0/16, 4, 8]]
          Zone: !Select [1, !GetAZs ""]
          Found: !FindInMap [Sizes, dev, Value]
          Chosen: !If [Always, chosen, other]
  Resolved:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: !Sub "{{resolve:secretsmanager:${Secret}:SecretString:key}}"
  Hidden:
    Type: AWS::SNS::Topic
    Condition: Never
Outputs:
  Values: {Value: !GetAtt Values.Value}
  StackId: {Value: !Ref AWS::StackId, Export: {Name: !Sub "${AWS::StackName}-id"}}
"""


def test_they_all_work(aws):
    arn = aws.cfn.create_stack(StackName="one", TemplateBody=TEMPLATE)["StackId"]
    assert aws.wait("one") == "CREATE_COMPLETE", aws.statuses("one", reasons=True)
    outputs = {o["OutputKey"]: o["OutputValue"] for o in aws.cfn.describe_stacks(StackName="one")["Stacks"][0]["Outputs"]}
    topic = aws.resource("one", "Topic")["PhysicalResourceId"]
    assert outputs["Values"].split("\n") == [
        "aws amazonaws.com eu-west-1 123456789012 one ${Literal}",
        f"a-eu-west-1 y {base64.b64encode(b'text').decode()} 10.0.2.0/24 eu-west-1b small chosen", topic.split(":")[-1]]
    assert outputs["StackId"] == arn and [e["Name"] for e in aws.cfn.list_exports()["Exports"]] == ["one-id"]
    ssm = aws.client("ssm")
    assert ssm.get_parameter(Name=aws.resource("one", "Resolved")["PhysicalResourceId"])["Parameter"]["Value"] == "k3y"
    assert aws.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "from ssm"
    assert "Hidden" not in {r["LogicalResourceId"] for r in aws.cfn.describe_stack_resources(StackName="one")["StackResources"]}


def test_a_secret_is_in_no_answer_of_cloudformation(aws):
    made = aws.cfn.create_change_set(StackName="one", ChangeSetName="p", ChangeSetType="CREATE", TemplateBody=TEMPLATE)
    planned = aws.cfn.describe_change_set(ChangeSetName=made["Id"], IncludePropertyValues=True)
    aws.cfn.execute_change_set(ChangeSetName=made["Id"])
    aws.wait("one")
    resolved = next(c["ResourceChange"] for c in planned["Changes"] if c["ResourceChange"]["LogicalResourceId"] == "Resolved")
    said = [resolved, aws.events("one"), aws.cfn.describe_stacks()["Stacks"],
            aws.cfn.describe_stack_resources(StackName="one")["StackResources"]]
    assert "k3y" not in json.dumps(said, default=str) and "AfterContext" in resolved
