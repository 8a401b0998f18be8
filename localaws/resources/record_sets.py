"""AWS::Route53::RecordSet: a record that is there already, one of another zone, one that somebody changed.

CloudFormation asks Route 53 to CREATE, not to UPSERT: aws-cloudformation/cloudformation-coverage-roadmap#330 and #560,
aws-quickstart/quickstart-drupal#24 and rehanvdm/serverless-website-analytics (the text). An identical record is adopted
(the same issues); CNAMEs are told to be adopted whatever they say, which nobody has shown: here they are not.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html: DELETE needs the values that
are there; one that is gone is no failure of the stack.
"""
from ministack.services import route53
from ministack.services.cloudformation import provisioners as prov

from . import hosted_zones
from .registry import Refused, extend

RECORD = "AWS::Route53::RecordSet"


def _refused(verb, record, why):
    return Refused(f"[Tried to {verb} resource record set [name='{record['Name']}', type='{record['Type']}'] but {why}]", "Route53", 400,
                   "InvalidChangeBatch")


def _found(props):
    """(the zone, the record of the properties, the one that is there or None)"""
    hosted_zones.seed()
    zone = route53._zones.get(prov._r53_resolve_hosted_zone_id(props))
    if zone is None:
        raise Refused(f"No hosted zone found with ID: {props.get('HostedZoneId')}", "Route53", 404, "NoSuchHostedZone")
    record = prov._r53_record_set_build_rs(props)
    there = [r for r in route53._records.get(zone["id"], []) if route53._rs_key(r) == route53._rs_key(record)]
    return zone, record, there[0] if there else None


def check(props):
    zone, record, _ = _found(props)
    if record["Name"] != zone["name"] and not record["Name"].endswith("." + zone["name"]):
        raise Refused(f"[RRSet with DNS name {record['Name']} is not permitted in zone {zone['name']}]", "Route53", 400, "InvalidChangeBatch")


def _wrap_create(original):
    def create(logical_id, props, stack_name):
        _, record, there = _found(props)
        if there and route53._rs_values(there) == route53._rs_values(record):
            return record["Name"], {"Name": record["Name"]}
        if there:
            raise _refused("create", record, "it already exists")
        return original(logical_id, props, stack_name)
    return create


def delete(original, physical_id, props):
    _, record, there = _found(props)
    if there and route53._rs_values(there) != route53._rs_values(record):
        raise _refused("delete", record, "the values provided do not match the current values")
    original(physical_id, props)


def install():
    handler = prov._RESOURCE_HANDLERS[RECORD]
    handler["create"] = _wrap_create(handler["create"])
    extend(RECORD, lambda physical_id, props: {}, check, delete)
