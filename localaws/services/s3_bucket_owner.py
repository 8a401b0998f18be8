"""x-amz-expected-bucket-owner: S3 answers 403 for a bucket of another account; ministack ignores the header.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""
from ministack.services import s3


def _is_anothers(path, headers):
    expected = headers.get("x-amz-expected-bucket-owner")
    owner = s3._bucket_owner_account(path.lstrip("/").split("/", 1)[0])
    return bool(expected and owner and expected != owner)


def _wrap(original):
    async def handle_request(method, path, headers, *rest, **named):
        if _is_anothers(path, headers):
            return s3._error("AccessDenied", "Access Denied", 403, path)
        return await original(method, path, headers, *rest, **named)
    return handle_request


def install():
    s3.handle_request = _wrap(s3.handle_request)
