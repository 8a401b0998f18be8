"""An SDK's second attempt at a call that was done."""
import urllib.request


def call(url, invocation, attempt):
    request = urllib.request.Request(url, data=b'{"Name": "lost", "SecretString": "x"}', method="POST", headers={
        "content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.CreateSecret",
        "amz-sdk-invocation-id": invocation, "amz-sdk-request": f"attempt={attempt}; max=3",
        "authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_second_attempt_is_answered_as_the_first(aws):
    assert call(aws.url, "one", 1) == 200
    assert call(aws.url, "one", 2) == 200
    assert call(aws.url, "another", 1) == 400, "a call of its own finds the name taken"
    assert len(aws.client("secretsmanager").list_secrets()["SecretList"]) == 1
