"""Temporary credentials end: a request with those of a session that is over is refused, by each service in its words.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html
As quoted from AWS: 403 ExpiredToken of a Query service (cfn-sphere/cfn-sphere#55), 400 of S3
(ibi-group/datatools-ui#10), ExpiredTokenException of a JSON service, where the status follows botocore's service
models. ministack asks only at GetCallerIdentity, and forgets an ended session when the next one begins.
"""
import json
import re
from urllib.parse import parse_qs

from ministack.services import sts

from ..asgi import send_answer

CREDENTIAL = re.compile(r"(ASIA[A-Z0-9]+)/\d{8}/[^/]*/([^/]+)/aws4_request")
SAID = "The security token included in the request is expired"


def _refusal(service, headers):
    """Returns (status, content type, body)."""
    if service == "s3":
        return 400, b"application/xml", b"<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
    content_type = headers.get(b"content-type", b"")
    if content_type.startswith(b"application/x-www-form-urlencoded"):
        return 403, b"text/xml", (f"<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>{SAID}</Message>"
                                  "</Error></ErrorResponse>").encode()
    status = 400 if b"x-amz-target" in headers else 403  # 403: REST
    return status, content_type or b"application/json", json.dumps({"__type": "ExpiredTokenException", "message": SAID}).encode()


def install():
    from ministack import app as ministack_app
    app = ministack_app.app

    async def unless_expired(scope, receive, send):
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            asked = parse_qs(scope.get("query_string", b"").decode()).get("X-Amz-Credential", [""])[0]
            named = CREDENTIAL.search(headers.get(b"authorization", b"").decode() or asked)
            session = sts._sessions.get(named[1]) if named else None
            if session and sts._session_expired(session):
                status, content_type, body = _refusal(named[2], headers)
                return await send_answer(send, status, body, content_type)
        await app(scope, receive, send)
    ministack_app.app = unless_expired
    sts._evict_expired_sessions = lambda: None
