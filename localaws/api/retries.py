"""A retried call gets the answer of the first attempt and is not executed again. An SDK retries when the answer was
lost on the way.

An SDK sends the same amz-sdk-invocation-id with each attempt at a call. AWS makes a repeated attempt harmless by the
client tokens that SDKs fill in by themselves; ministack's services mostly do not know them, and a secret, say, would
get two new versions. Loopback under load does lose answers. Only attempts after the first are answered from memory, and
only where the first one succeeded.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""
from collections import OrderedDict

REMEMBERED = 1000  # calls, the newest
_answers = OrderedDict()


def _invocation(scope):
    """(id, whether this is a first attempt) of a call to a Query or JSON service; no id for anything else."""
    headers = dict(scope.get("headers") or ())
    form = headers.get(b"content-type", b"").startswith(b"application/x-www-form-urlencoded")
    if not form and b"x-amz-target" not in headers:
        return b"", True
    return headers.get(b"amz-sdk-invocation-id", b""), b"attempt=1" in headers.get(b"amz-sdk-request", b"attempt=1").split(b"; ")


def install():
    from ministack import app as ministack_app
    app = ministack_app.app

    async def with_memory(scope, receive, send):
        call, first = _invocation(scope)
        if not call:
            return await app(scope, receive, send)
        if not first and call in _answers:
            for message in _answers[call]:
                await send(message)
            return
        said = []

        async def record(message):
            said.append(message)
            await send(message)
        try:
            await app(scope, receive, record)
        finally:
            if said and said[0].get("status") == 200:
                _answers[call] = said
                while len(_answers) > REMEMBERED:
                    _answers.popitem(last=False)
    ministack_app.app = with_memory
