"""A load balancer's access logs: the test write that ELB makes when they are switched on, and the object it leaves
behind.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html: the principals, the
path, SSE-S3 as the only encryption, the bucket's region, and AWSLogs/ACCOUNT/ELBAccessLogTestFile ("Verify bucket
permissions"). The refusal's text: kubernetes-sigs/aws-load-balancer-controller#1956 and many others; of a bucket with a
key: aws/aws-cdk#21947.

Whether the test write carries aws:SourceAccount or aws:SourceArn nobody has shown, and the guide's example has neither.
Here it carries neither, which is the strict side: a policy that asks for one is refused.
"""
import json

from ministack.core.responses import get_account_id, get_region
from ministack.services import s3

from .policy_evaluation import Account, Request, Service, Undecided, Verdict, decide
from .registry import Refused

ENABLED, BUCKET, PREFIX = (f"access_logs.s3.{name}" for name in ("enabled", "bucket", "prefix"))
SERVICE = "logdelivery.elasticloadbalancing.amazonaws.com"
ACCOUNTS = {  # ELB's own account in a region, the older form of the principal; regions opened since 2022 have none
    "us-east-1": "127311923021", "us-east-2": "033677994240", "us-west-1": "027434742980", "us-west-2": "797873946194",
    "ca-central-1": "985666609251", "eu-central-1": "054676820928", "eu-west-1": "156460612806", "eu-west-2": "652711504416",
    "ap-northeast-1": "582318560864", "ap-northeast-2": "600734575887", "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266", "ap-south-1": "718504428378", "sa-east-1": "507241528517",
}
TLS = {"aws:securetransport": ("true",), "s3:tlsversion": ("1.2",)}


def target(attributes):
    """(bucket, prefix) that a load balancer's attributes {key: value} name; None while access logs are off."""
    if attributes.get(ENABLED) != "true":
        return None
    return attributes.get(BUCKET, ""), attributes.get(PREFIX, "")


def _key(prefix):
    return f"{prefix}/AWSLogs/{get_account_id()}/ELBAccessLogTestFile".lstrip("/")


def _requests(bucket, prefix):
    """The test write by each principal that AWS documents for the region."""
    write = ("s3:PutObject", f"arn:aws:s3:::{bucket}/{_key(prefix)}")
    yield Request(*write, Service(SERVICE), {
        **TLS, "aws:principalisawsservice": ("true",), "aws:principalservicename": (SERVICE,)})
    if get_region() in ACCOUNTS:
        yield Request(*write, Account(ACCOUNTS[get_region()]), {**TLS, "aws:principalaccount": (ACCOUNTS[get_region()],)})


def _may_write(bucket, prefix):
    policy = s3._bucket_policies.get(bucket)
    if bucket not in s3._buckets or not policy or "aws:kms" in s3._bucket_encryption.get(bucket, ""):
        return False
    if (s3._buckets[bucket].get("region") or get_region()) != get_region():
        return False
    return any(decide(json.loads(policy), request) is Verdict.ALLOW for request in _requests(bucket, prefix))


def denied(bucket):
    return Refused(f"Access Denied for bucket: {bucket}. Please check S3bucket permission", "ElasticLoadBalancingV2", 400,
                   "InvalidConfigurationRequest")


def check(bucket, prefix):
    """Refuse a bucket into which ELB could not write."""
    try:
        allowed = _may_write(bucket, prefix)
    except Undecided as exc:
        raise Refused(f"{exc}; policy of the bucket {bucket}", "ElasticLoadBalancingV2", 400, "InvalidConfigurationRequest") from None
    if not allowed:
        raise denied(bucket)


def write_test_file(bucket, prefix):
    status, _, body = s3._put_object(bucket, _key(prefix), b"Enable AccessLog for ELB", {})
    if status >= 300:
        raise Refused(f"Access Denied for bucket: {bucket}. Please check S3bucket permission. S3 said: {body}",
                      "ElasticLoadBalancingV2", 400, "InvalidConfigurationRequest")
