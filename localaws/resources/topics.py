"""AWS::SNS::Topic: the key that encrypts it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-topic.html
"""
from ministack.services import sns

from .registry import extend


def complete(arn, props):
    attributes = sns._topics[arn]["attributes"]
    attributes["DisplayName"] = props.get("DisplayName", "")
    attributes.pop("KmsMasterKeyId", None)
    if props.get("KmsMasterKeyId"):
        attributes["KmsMasterKeyId"] = props["KmsMasterKeyId"]


def install():
    extend("AWS::SNS::Topic", complete)
