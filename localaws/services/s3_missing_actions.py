"""S3 actions that ministack does not have are answered with 501 NotImplemented.

S3 tells its actions apart by a word in the query (`?inventory`). ministack ignores a word that it does not know:
a PUT would create the bucket, a DELETE would delete it, a GET would list it.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (NotImplemented)
"""
from ministack.services import s3

MISSING = frozenset((
    "abac", "analytics", "intelligent-tiering", "inventory", "metadataAnnotationTable", "metadataConfiguration",
    "metadataInventoryTable", "metadataJournalTable", "metadataTable", "metrics", "policyStatus", "renameObject", "select",
    "session", "torrent"))


def _wrap(original):
    async def handle_request(method, path, headers, body, query_params, *rest, **named):
        missing = MISSING.intersection(query_params)
        if missing:
            return s3._error("NotImplemented", f"localaws has no S3 action for ?{'&'.join(sorted(missing))}", 501, path)
        return await original(method, path, headers, body, query_params, *rest, **named)
    return handle_request


def install():
    s3.handle_request = _wrap(s3.handle_request)
