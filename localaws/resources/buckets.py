"""AWS::S3::Bucket and AWS::S3::BucketPolicy: the properties that ministack leaves out, and what S3 refuses.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucketpolicy.html
"""
from xml.sax.saxutils import escape

from ministack.services import s3

from .registry import Refused, extend


def _xml(name, value):
    """S3's XML: a list is its element repeated."""
    if isinstance(value, list):
        return "".join(_xml(name, item) for item in value)
    if isinstance(value, dict):
        return f"<{name}>{''.join(_xml(k, v) for k, v in value.items() if v is not None)}</{name}>"
    return f"<{name}>{escape(str(value).lower() if isinstance(value, bool) else str(value))}</{name}>"


def _encryption(config):
    return {"Rule": [{"ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault"),
                      "BucketKeyEnabled": rule.get("BucketKeyEnabled", False)}
                     for rule in config["ServerSideEncryptionConfiguration"]]}


def _lifecycle_rule(rule):
    """CloudFormation's flat rule as the API's nested one."""
    days = rule.get("ExpirationInDays")
    old = rule.get("NoncurrentVersionExpiration") or (
        {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]} if "NoncurrentVersionExpirationInDays" in rule else None)
    return {"ID": rule.get("Id"), "Filter": {"Prefix": rule.get("Prefix", "")}, "Status": rule["Status"],
            "Transition": [{"Days": t["TransitionInDays"], "StorageClass": t["StorageClass"]}
                           for t in rule.get("Transitions") or []],
            "Expiration": {"Days": days} if days is not None else None, "NoncurrentVersionExpiration": old,
            "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload")}


def _lifecycle(config):
    return {"Rule": [_lifecycle_rule(rule) for rule in config["Rules"]]}


def _logging(config):
    return {"LoggingEnabled": {"TargetBucket": config.get("DestinationBucketName"),
                               "TargetPrefix": config.get("LogFilePrefix", "")}}


def _tags(tags):
    return {"TagSet": {"Tag": [{"Key": t["Key"], "Value": t["Value"]} for t in tags]}}


CONFIGURATIONS = (  # property, root element, its content, how it is put, how it is taken away
    ("BucketEncryption", "ServerSideEncryptionConfiguration", _encryption, s3._put_bucket_encryption,
     s3._delete_bucket_encryption),
    ("OwnershipControls", "OwnershipControls", lambda c: {"Rule": c["Rules"]}, s3._put_bucket_ownership_controls,
     s3._delete_bucket_ownership_controls),
    ("LifecycleConfiguration", "LifecycleConfiguration", _lifecycle, s3._put_bucket_lifecycle, s3._delete_bucket_lifecycle),
    ("LoggingConfiguration", "BucketLoggingStatus", _logging, s3._put_bucket_logging,
     lambda name: s3._put_bucket_logging(name, b"<BucketLoggingStatus/>")),
    ("Tags", "Tagging", _tags, s3._put_bucket_tagging, s3._delete_bucket_tagging),
)


def complete(name, props):
    for prop, root, content, put, take_away in CONFIGURATIONS:
        if props.get(prop):
            status, _, body = put(name, _xml(root, content(props[prop])).encode())
            if status >= 300:
                raise Refused(f"{prop}: {body}", "S3", status, "MalformedXML")
        else:
            take_away(name)
    if props.get("VersioningConfiguration", {}).get("Status") == "Suspended":
        s3._bucket_versioning[name] = "Suspended"
    return {"DualStackDomainName": f"{name}.s3.dualstack.{s3.get_region()}.amazonaws.com"}


def delete(original, name, props):
    bucket = s3._buckets.get(name)
    if bucket and (bucket["objects"] or s3._bucket_has_versions(name)):
        raise Refused("The bucket you tried to delete is not empty", "S3", 409, "BucketNotEmpty")
    original(name, props)


def check_policy(props):
    if props["Bucket"] not in s3._buckets:
        raise Refused("The specified bucket does not exist", "S3", 404, "NoSuchBucket")


def install():
    extend("AWS::S3::Bucket", complete, delete=delete)
    extend("AWS::S3::BucketPolicy", lambda name, props: {}, check_policy)
