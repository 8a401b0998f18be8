"""Fn::GetAtt attributes of types whose handlers are ministack's and complete otherwise.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html ("Return values" of
each)
"""
from ministack.services import alb, rds

from .registry import extend


def _attachment(physical_id, props):
    return {"AttachmentType": "VGW" if props.get("VpnGatewayId") else "IGW"}


def _route(physical_id, props):
    return {"CidrBlock": physical_id.split("|")[-1]}


def _instance(instance_id, props):
    instance = rds._instances[instance_id]
    return {"Endpoint.HostedZoneId": instance["Endpoint"]["HostedZoneId"], "DBInstanceStatus": instance["DBInstanceStatus"],
            "CertificateDetails.CAIdentifier": instance["CACertificateIdentifier"],
            "InstanceCreateTime": instance["InstanceCreateTime"]}


ID_IS_REF = ("AWS::EC2::SubnetRouteTableAssociation", "AWS::IAM::Policy", "AWS::SNS::TopicPolicy",
             "AWS::SecretsManager::SecretTargetAttachment")


def install():
    for rtype in ID_IS_REF:
        extend(rtype, lambda physical_id, props: {"Id": physical_id})
    extend("AWS::EC2::VPCGatewayAttachment", _attachment)
    extend("AWS::EC2::Route", _route)
    extend("AWS::ElasticLoadBalancingV2::ListenerRule", lambda rule, props: {"IsDefault": "false"})
    extend("AWS::ElasticLoadBalancingV2::TargetGroup",
           lambda group, props: {"LoadBalancerArns": alb._tgs[group].get("LoadBalancerArns", [])})
    extend("AWS::RDS::DBInstance", _instance)
